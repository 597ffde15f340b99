import { ModuleError } from '../../model/error.ts'
import { RESOURCES, type ZiaFields, type ZiaKind, type ZiaObjects } from './resource.ts'
import { listUnlike } from './same-value.ts'

/** An object that has the name which another was to get. */
export interface Adoption<K extends ZiaKind> {
  readonly found: ZiaObjects[K] | undefined
  readonly fields: ZiaFields<K> & { readonly name: string }
  readonly error: unknown
}

/** Takes the object that has the name already, where it is what was wanted; place and description may differ. */
export function adopt<K extends ZiaKind>(kind: K, { found, fields, error }: Adoption<K>): number {
  const { noun } = RESOURCES[kind]
  if (found === undefined) {
    throw new ModuleError(
      `ZIA says that the name “${fields.name}” is taken, but lists no ${noun} of this name`,
      {
        cause: error,
        hint: 'another kind of object has this name, perhaps in other letters: rename one of the two',
      },
    )
  }
  const other = listUnlike(found, fields).filter((key) => key !== 'description')
  if (other.length === 0) return found.id
  throw new ModuleError(
    `somebody else made the ${noun} “${fields.name}” meanwhile, with another ${other.join(', ')}`,
    {
      cause: error,
      hint: 'look at it in the Admin Portal; run the same command again to change it as wanted',
    },
  )
}
