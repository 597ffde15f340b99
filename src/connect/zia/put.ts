import { LostAnswerError, ZiaError } from './error.ts'
import { insist, whyLost } from './insist.ts'
import { readObject } from './reader.ts'
import type { Fields, Replaced, Replacement } from './replacement.ts'
import { RESOURCES, type ZiaKind } from './resource.ts'
import { sendEdit } from './send-edit.ts'
import type { ZiaUse } from './session.ts'
import type { WriterParts } from './writer-parts.ts'

/** Milliseconds beyond the usual after which a replacement was held: somebody saved something before it. */
const HELD = 15_000

/**
 * Replaces an object, read and written without a wait in between, again after every wait. ZIA cannot be told "only if
 * nobody has changed it" but for rules, which carry the time of their last change; for the others that moment is all
 * there is, and where ZIA makes it longer by holding the replacement, the user is told.
 */
export async function putObject<K extends ZiaKind>(
  parts: WriterParts,
  { kind, id, overlay }: Replacement<K>,
  use: ZiaUse,
): Promise<Replaced> {
  const { call, clock, stamps, bindings, foreign } = parts
  const { noun, owned, stamp, usual } = RESOURCES[kind]
  const path = `/${kind}/${id}`
  let replaced: Replaced = { sent: {}, laid: {}, before: {} }
  let sentAt = clock.now()
  const isStamped = (): boolean => stamp !== undefined && stamps.areWelcome

  async function compose(): Promise<Fields> {
    const read = await readObject({ kind, id, call, use })
    const laid = overlay(read)
    const fields = Object.entries(read)
    const kept = fields.filter(([key]) => !owned.includes(key))
    const stamped = fields.filter(([key]) => key === stamp && stamps.areWelcome)
    replaced = { sent: { ...Object.fromEntries(kept), ...laid }, laid, before: Object.fromEntries(fields) }
    bindings.guard(kind, replaced)
    foreign.saw(kind, read)
    sentAt = clock.now()
    return { ...replaced.sent, ...Object.fromEntries(stamped) }
  }

  function why(error: unknown): string | undefined {
    if (error instanceof LostAnswerError) foreign.wrote(kind, id)
    if (error instanceof ZiaError && error.reason === 'STALE_CONFIGURATION_ERROR') {
      return `somebody else changed the ${noun} at the same moment; reading it again`
    }
    if (!isStamped() || !isDisliked(error)) return whyLost(error)
    // Nobody has recorded that a stamp may be sent: a server that does not know what to do with it gets none.
    stamps.areWelcome = false
    return `ZIA does not take the time of the last change; sending the ${noun} without it`
  }

  const put = (): Promise<unknown> => sendEdit(parts, { method: 'PUT', path, compose }, use)
  await insist(put, { clock, use, why })
  foreign.wrote(kind, id)
  const seconds = Math.round((clock.now() - sentAt) / 1000)
  if (!isStamped() && seconds * 1000 > usual + HELD) {
    const name = String(replaced.sent['name'])
    use.warn?.(
      `ZIA held the change of the ${noun} “${name}” for ${seconds} s, likely because somebody else was saving: if that was the same ${noun}, see that their change is still there`,
    )
  }
  return replaced
}

/** The one answer that ZIA has for every body it does not like; it never says what it dislikes. */
function isDisliked(error: unknown): boolean {
  return (
    error instanceof ZiaError && error.status === 400 && error.message.includes('Request body is invalid')
  )
}
