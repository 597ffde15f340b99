import { ModuleError } from '../../model/error.ts'
import type { Fields, Replaced } from './replacement.ts'
import { RESOURCES, type ZiaKind } from './resource.ts'
import { readId } from './same-value.ts'

/**
 * What a tenant does with the bindings of its locations to Service Edges. Nobody documents that it keeps them, and a location
 * is only replaced as a whole: where it forgets them, one edit of ours unbinds everybody. So the first edit that has any is
 * looked at before the next, and after one that was forgotten nothing with bindings is sent any more.
 */
export interface Bindings {
  /** Whether an edit is the first that shows what the tenant does. */
  isTrial(kind: ZiaKind, replaced: Replaced): boolean
  /**
   * Judges an edit by what is read back: whether the tenant keeps bindings. Throws a `ModuleError` that names all that is lost
   * where others' are, or where this was the last try.
   */
  judge(kind: ZiaKind, outcome: Outcome & { readonly isLast: boolean }): boolean
  /** Throws a `ModuleError` instead of having bindings sent to a tenant that forgets them. */
  guard(kind: ZiaKind, replaced: Replaced): void
}

/** What was sent, and what is there now. */
interface Outcome {
  readonly replaced: Replaced
  readonly seen: object
}

/** A Service Edge or a cluster that a location is bound to. */
interface Bound {
  readonly id: number
  readonly name: string
  /** Where the Admin Portal shows it. */
  readonly under: string
  readonly isOthers: boolean
}

const WHERE = 'Infrastructure > Internet & SaaS > Traffic Forwarding > Location Management'

/** Knows nothing of the tenant yet. */
export function createBindings(): Bindings {
  let keeps = false
  /** The location that has lost its bindings. */
  let victim: string | undefined

  return {
    isTrial: (kind, replaced) => !keeps && listSent(kind, replaced).length > 0,
    judge(kind, { replaced, seen, isLast }) {
      const sent = listSent(kind, replaced)
      keeps ||= sent.some((one) => isSeen(kind, seen, one))
      if (keeps) return true
      if (!isLast && !sent.some(({ isOthers }) => isOthers)) return false
      victim = nameOf(replaced)
      throw forgotten(victim, sent)
    },
    guard(kind, replaced) {
      const sent = listSent(kind, replaced)
      if (victim === undefined || sent.length === 0) return
      throw new ModuleError(
        `nothing is sent to the location ${nameOf(replaced)}, to be bound to ${namesOf(sent)}: ZIA has dropped the bindings of ${victim}`,
        { hint: byHand(nameOf(replaced), sent) },
      )
    },
  }
}

/** The bindings of others that were sent back as they had been, and are gone: by name. */
export function listUnbound(kind: ZiaKind, { replaced, seen }: Outcome): readonly string[] {
  return listSent(kind, replaced).flatMap((one) =>
    one.isOthers && !isSeen(kind, seen, one) ? [one.name] : [],
  )
}

const entriesOf = (fields: object, key: string): readonly unknown[] => {
  const value: unknown = new Map<string, unknown>(Object.entries(fields)).get(key)
  return Array.isArray(value) ? value : []
}

const bindingsOf = (kind: ZiaKind): readonly (readonly [string, string])[] =>
  Object.entries(RESOURCES[kind].bindings ?? {})

function listSent(kind: ZiaKind, { sent, before }: Replaced): readonly Bound[] {
  return bindingsOf(kind).flatMap(([key, under]) => {
    const earlier = entriesOf(before, key).map(readId)
    return entriesOf(sent, key).flatMap((entry): readonly Bound[] => {
      const id = readId(entry)
      if (id === undefined) return []
      const { name } = entry as { readonly name?: unknown }
      return [
        { id, under, name: typeof name === 'string' ? name : `id ${id}`, isOthers: earlier.includes(id) },
      ]
    })
  })
}

function isSeen(kind: ZiaKind, seen: object, { id, under }: Bound): boolean {
  return bindingsOf(kind).some(
    ([key, where]) => where === under && entriesOf(seen, key).some((entry) => readId(entry) === id),
  )
}

const nameOf = ({ sent }: { readonly sent: Fields }): string => String(sent['name'])
const namesOf = (bound: readonly Bound[]): string => bound.map(({ name }) => name).join(', ')

function forgotten(location: string, sent: readonly Bound[]): ModuleError {
  const theirs = sent.filter(({ isOthers }) => isOthers)
  const also =
    theirs.length === 0
      ? ''
      : `; lost, and needed by its users as soon as this is activated: ${namesOf(theirs)}`
  return new ModuleError(
    `ZIA took the location ${location}, but dropped its binding to ${namesOf(sent)}${also}`,
    { hint: byHand(location, sent) },
  )
}

function byHand(location: string, sent: readonly Bound[]): string {
  const selections = [...new Set(sent.map(({ under }) => under))].map(
    (under) => `select ${namesOf(sent.filter((one) => one.under === under))} under ${under}`,
  )
  return `this tenant’s API does not bind: open ${WHERE}, edit ${location}, ${selections.join(', ')}, save, and run the same command again`
}
