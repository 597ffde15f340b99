import { ModuleError } from '../../model/error.ts'
import { adopt, type Holder } from './adopt.ts'
import { listUnbound } from './bindings.ts'
import { ZiaError } from './error.ts'
import { insist, whyLost } from './insist.ts'
import { ALONGSIDE, type Pending } from './pending.ts'
import { postObject } from './post.ts'
import { putObject } from './put.ts'
import { createReader, parseStatus, readObject, readPages, readStatus } from './reader.ts'
import type { Replaced, Replacement } from './replacement.ts'
import {
  KINDS,
  RESOURCES,
  type ActivationStatus,
  type ZiaFields,
  type ZiaKind,
  type ZiaObjects,
} from './resource.ts'
import { listUnlike } from './same-value.ts'
import { sendEdit } from './send-edit.ts'
import type { ZiaUse, ZiaWriter } from './session.ts'
import type { WriterParts } from './writer-parts.ts'
import { listUndone } from './written.ts'

/** Makes a view of the tenant that can write. */
export function createWriter(parts: WriterParts, use: ZiaUse): ZiaWriter {
  const { call, clock, lists, queue, record, readBack, written, foreign, bindings } = parts
  const reader = createReader(parts, use)

  /** Asks for the status before the first edit, and takes the lists before that: what differs from them later, somebody else has changed. */
  async function look(): Promise<ActivationStatus> {
    foreign.clear()
    for (const kind of KINDS) {
      // What cannot be read cannot be compared, nor edited.
      const objects = await reader.list(kind).catch((error: unknown) => {
        if (error instanceof ZiaError) return undefined
        throw error
      })
      if (objects !== undefined) foreign.begin(kind, objects)
    }
    return readStatus(call, use)
  }

  function tellFound({ whose, words }: Pending): void {
    if (whose !== 'nothing' && whose !== 'ours') use.warn?.(`${words}: an activation activates all of it`)
  }

  /** Makes an edit when its turn comes. After a failure nobody knows what the list looks like. */
  async function edit<T>(kind: ZiaKind, work: () => Promise<T>): Promise<T> {
    try {
      return await queue.run(
        kind,
        async () => {
          try {
            await record.begin(look, { domain: use.domain, found: tellFound })
            return await work()
          } finally {
            await record.end()
          }
        },
        use,
      )
    } catch (error) {
      lists.drop(kind)
      throw error
    }
  }

  /** Whether ZIA keeps what was bound; where nobody knows yet, that is looked at before anybody else's turn. */
  async function isKept(
    kind: ZiaKind,
    id: number,
    trial: { readonly replaced: Replaced; readonly isLast: boolean },
  ): Promise<boolean> {
    if (!bindings.isTrial(kind, trial.replaced)) return true
    return bindings.judge(kind, { ...trial, seen: await readObject({ kind, id, call, use }) })
  }

  async function put<K extends ZiaKind>(replacement: Replacement<K>): Promise<Replaced> {
    const { kind, id, overlay } = replacement
    const replaced = await edit(kind, async () => {
      const once = await putObject(parts, replacement, use)
      if (await isKept(kind, id, { replaced: once, isLast: false })) return once
      // Somebody's save may have undone it at once; nothing of others is lost yet.
      const twice = await putObject(parts, replacement, use)
      await isKept(kind, id, { replaced: twice, isLast: true })
      return twice
    })
    written.replaced(kind, id, { overlay, replaced })
    return replaced
  }

  const lookAgain = <K extends ZiaKind>(kind: K, id: number): Promise<ZiaObjects[K]> =>
    foreign.readBack(kind, id, () => readBack.read(kind, id, use))

  /** Replaces an object and reads it back; does it once more where somebody's save has undone it at once. */
  async function replace<K extends ZiaKind>(replacement: Replacement<K>): Promise<ZiaObjects[K]> {
    const { kind, id, overlay } = replacement
    const replaced = await put(replacement)
    const seen = await lookAgain(kind, id)
    if (listUndone(seen, { overlay, before: replaced.before }).length > 0) {
      await put(replacement)
      return lookAgain(kind, id)
    }
    if (written.isLatest(kind, id, replaced)) tellOthers(kind, seen, replaced)
    return seen
  }

  /** Says which fields that nobody meant to change are not as they were sent, and what is bound no more. */
  function tellOthers<K extends ZiaKind>(kind: K, seen: ZiaObjects[K], replaced: Replaced): void {
    const { sent, laid } = replaced
    const { owned } = RESOURCES[kind]
    const unbound = listUnbound(kind, { replaced, seen })
    if (unbound.length > 0) {
      use.warn?.(
        `the ${RESOURCES[kind].noun} “${seen.name}” is no longer bound to ${unbound.join(', ')}: see whether somebody meant it`,
      )
    }
    const keys = new Set([...listUnlike(seen, sent), ...listUnlike(sent, seen)])
    const other = [...keys].filter((key) => !Object.hasOwn(laid, key) && !owned.includes(key))
    if (other.length === 0) return
    const what = `the ${RESOURCES[kind].noun} “${seen.name}”`
    use.warn?.(
      `${what} came back with another ${other.join(', ')} than it had: see whether somebody meant it`,
    )
  }

  /** Makes an object, or changes the one that another target, or another run, has made under this name just now. */
  async function makeOrShare<K extends ZiaKind>(
    kind: K,
    name: string,
    overlay: (current: ZiaObjects[K] | undefined) => ZiaFields<K>,
  ): Promise<number> {
    const known = written.idOf(kind, name)
    if (known !== undefined) {
      const replaced = await putObject(parts, { kind, id: known, overlay }, use)
      written.replaced(kind, known, { overlay, replaced })
      return known
    }
    const fields = { ...overlay(undefined), name }
    const taken = async (holder: Holder<K>): Promise<number> => {
      const { found } = holder
      if (found === undefined) return adopt(kind, { ...holder, fields })
      const replaced = await putObject(parts, { kind, id: found.id, overlay }, use)
      written.replaced(kind, found.id, { overlay, replaced })
      return found.id
    }
    const id = await postObject(parts, { kind, fields, taken }, use)
    const replaced = { sent: fields, laid: fields, before: {} }
    await isKept(kind, id, { replaced, isLast: true })
    written.replaced(kind, id, { overlay, replaced })
    written.made(kind, id, name)
    return id
  }

  /** Sees, before an activation, that nobody's save has undone what was written, and writes it again where one has. */
  async function confirmWritten(): Promise<void> {
    const kinds = new Map<ZiaKind, readonly ZiaObjects[ZiaKind][]>()
    for (const kind of written.kinds()) {
      const objects = await readPages({ kind, call, use })
      lists.set(kind, objects)
      kinds.set(kind, objects)
      foreign.compare(kind, objects)
    }
    for (const [kind, objects] of kinds) {
      for (const { id, found, keys, overlay } of written.listLost(kind, objects)) {
        const { noun } = RESOURCES[kind]
        if (found === undefined) {
          written.forget(kind, id)
          throw new ModuleError(`somebody has deleted what this run needs: ${noun} ${id}`, {
            hint: `run the same command again to make it anew: nothing is activated yet, and ${parts.fate()}`,
          })
        }
        use.warn?.(
          `somebody’s save has undone ${keys.join(', ')} of the ${noun} “${found.name}”: writing it again`,
        )
        await replace({ kind, id, overlay })
      }
    }
  }

  /** Says what others have changed since the first edit; refuses to activate it where it must not go live with ours. */
  async function meetOthers(): Promise<void> {
    const changes = foreign.list()
    if (changes.length === 0) return
    await record.joined()
    const words = `somebody else has changed ${changes.slice(0, 5).join(', ')}${changes.length > 5 ? ` and ${changes.length - 5} more` : ''} in ZIA since this run began to, and may not have activated it`
    const { isRefused } = await reader.pending()
    if (!isRefused) return use.warn?.(`${words}: it is activated with ours`)
    throw new ModuleError(`${words}, and ZIA activates all or none: ${parts.fate()}`, {
      hint: `${ALONGSIDE}, as where theirs is active already`,
    })
  }

  return {
    ...reader,

    async create(kind, fields) {
      const taken = (holder: Holder<typeof kind>): number => adopt(kind, { ...holder, fields })
      const id = await edit(kind, () => postObject(parts, { kind, fields, taken }, use))
      written.made(kind, id, fields.name)
      foreign.wrote(kind, id)
      return lookAgain(kind, id)
    },

    update: (kind, id, overlay) => replace({ kind, id, overlay }),

    async ensure(kind, name, overlay) {
      const found = await reader.find(kind, name)
      if (found !== undefined) return replace({ kind, id: found.id, overlay })
      const id = await edit(kind, () => makeOrShare(kind, name, overlay))
      foreign.wrote(kind, id)
      return lookAgain(kind, id)
    },

    async remove(kind, id, look) {
      written.forget(kind, id)
      await edit(kind, async () => {
        const compose = async (): Promise<undefined> => {
          await look?.()
          foreign.wrote(kind, id)
        }
        const send = () => sendEdit(parts, { method: 'DELETE', path: `/${kind}/${id}`, compose }, use)
        await insist(send, { clock, use, why: whyLost }).catch((error: unknown) => {
          if (!(error instanceof ZiaError) || error.status !== 404) throw error
        })
      })
      lists.drop(kind)
    },

    async activate() {
      await confirmWritten()
      await meetOthers()
      const path = '/status/activate'
      return queue.run(
        'status',
        async () => {
          const answer = await call({ method: 'POST', path, body: {}, repeatable: true }, use)
          const status = parseStatus(answer, path)
          await record.activated(status)
          written.clear()
          foreign.clear()
          return status
        },
        use,
      )
    },
  }
}
