import { ModuleError } from '../../model/error.ts'
import { RESOURCES, type ZiaFields, type ZiaKind, type ZiaObjects } from './resource.ts'
import { listUnlike } from './same-value.ts'

/** Who has a name which an object was to get. */
export interface Holder<K extends ZiaKind> {
  readonly found: ZiaObjects[K] | undefined
  /** Another name that ZIA takes for the same. */
  readonly twin: string | undefined
  /** What ZIA said. */
  readonly error: unknown
}

/** An object that has the name which another was to get. */
interface Adoption<K extends ZiaKind> extends Holder<K> {
  readonly fields: ZiaFields<K> & { readonly name: string }
}

/** Takes the object that has the name already, where it is what was wanted; place and description may differ. */
export function adopt<K extends ZiaKind>(kind: K, { found, twin, fields, error }: Adoption<K>): number {
  const { noun } = RESOURCES[kind]
  if (found === undefined && twin !== undefined) {
    throw new ModuleError(
      `ZIA has the ${noun} “${twin}”, and sees no difference between that and “${fields.name}”`,
      { cause: error, hint: 'write the name as ZIA does, or rename one of the two' },
    )
  }
  if (found === undefined) {
    throw new ModuleError(
      `ZIA says that the name “${fields.name}” is taken, but lists no ${noun} of this name`,
      {
        cause: error,
        hint: 'another kind of object has this name: rename one of the two',
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
