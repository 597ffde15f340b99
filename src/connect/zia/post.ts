import { ModuleError } from '../../model/error.ts'
import type { Holder } from './adopt.ts'
import { LostAnswerError, ZiaError } from './error.ts'
import { findAfresh } from './find-afresh.ts'
import { insist, whyLost } from './insist.ts'
import { RESOURCES, type ZiaFields, type ZiaKind } from './resource.ts'
import { readId } from './same-value.ts'
import { sendEdit } from './send-edit.ts'
import type { ZiaUse } from './session.ts'
import type { WriterParts } from './writer-parts.ts'

/** An object to create. */
export interface Creation<K extends ZiaKind> {
  readonly kind: K
  readonly fields: ZiaFields<K> & { readonly name: string }
  /** What becomes of it where the name is taken: the id of the object that is used instead. */
  readonly taken: (holder: Holder<K>) => number | Promise<number>
}

/** Sends an object that is to be made, once: where the answer is lost, it is looked up by its name before it is sent again. */
export function postObject<K extends ZiaKind>(
  parts: WriterParts,
  { kind, fields, taken }: Creation<K>,
  use: ZiaUse,
): Promise<number> {
  const { clock } = parts
  const { name } = fields
  const compose = () => Promise.resolve(fields)
  const find = () => findAfresh(parts, { kind, name }, use)
  let isLost = false
  return insist(
    async () => {
      if (isLost) {
        const { found } = await find()
        if (found !== undefined) return found.id
      }
      try {
        const echo = await sendEdit(parts, { method: 'POST', path: `/${kind}`, compose }, use)
        return readId(echo) ?? (await find()).found?.id ?? missing(kind, name)
      } catch (error) {
        isLost ||= error instanceof LostAnswerError
        if (!(error instanceof ZiaError && error.reason === 'DUPLICATE_ITEM')) throw error
        return taken({ ...(await find()), error })
      }
    },
    { clock, use, why: whyLost },
  )
}

function missing(kind: ZiaKind, name: string): never {
  throw new ModuleError(`ZIA accepted the ${RESOURCES[kind].noun} “${name}”, but lists none of this name`, {
    hint: 'look at it in the Admin Portal, then run the same command again',
  })
}
