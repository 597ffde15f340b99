import { ModuleError } from '../../model/error.ts'
import { adopt } from './adopt.ts'
import { ZiaError } from './error.ts'
import { postObject } from './post.ts'
import { putObject } from './put.ts'
import { createReader, parseStatus, readPages, readStatus } from './reader.ts'
import type { Replaced, Replacement } from './replacement.ts'
import { RESOURCES, type ZiaFields, type ZiaKind, type ZiaObjects } from './resource.ts'
import { listUnlike } from './same-value.ts'
import type { ZiaUse, ZiaWriter } from './session.ts'
import type { WriterParts } from './writer-parts.ts'
import { listUndone } from './written.ts'

/** Makes a view of the tenant that can write. */
export function createWriter(parts: WriterParts, use: ZiaUse): ZiaWriter {
  const { call, lists, queue, record, readBack, written } = parts
  const reader = createReader(parts, use)

  /** Makes an edit when its turn comes. After a failure nobody knows what the list looks like. */
  async function edit<T>(kind: ZiaKind, work: () => Promise<T>): Promise<T> {
    try {
      return await queue.run(
        kind,
        async () => {
          await record.begin(
            () => readStatus(call, use),
            (pending) => {
              if (pending !== 'others') return
              use.warn?.('somebody else has changes pending in ZIA: an activation would activate them, too')
            },
          )
          return work()
        },
        use,
      )
    } catch (error) {
      lists.drop(kind)
      throw error
    }
  }

  async function put<K extends ZiaKind>(replacement: Replacement<K>): Promise<Replaced> {
    const { kind, id, overlay } = replacement
    const replaced = await edit(kind, () => putObject(parts, replacement, use))
    written.replaced(kind, id, { overlay, replaced })
    return replaced
  }

  /** Replaces an object and reads it back; does it once more where somebody's save has undone it at once. */
  async function replace<K extends ZiaKind>(replacement: Replacement<K>): Promise<ZiaObjects[K]> {
    const { kind, id, overlay } = replacement
    const replaced = await put(replacement)
    const seen = await readBack.read(kind, id, use)
    if (listUndone(seen, { overlay, before: replaced.before }).length > 0) {
      await put(replacement)
      return readBack.read(kind, id, use)
    }
    if (written.isLatest(kind, id, replaced)) tellOthers(kind, seen, replaced)
    return seen
  }

  /** Says which fields that nobody meant to change are not as they were sent. */
  function tellOthers<K extends ZiaKind>(kind: K, seen: ZiaObjects[K], { sent, laid }: Replaced): void {
    const { owned } = RESOURCES[kind]
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
    const taken = async (found: ZiaObjects[K] | undefined, error: unknown): Promise<number> => {
      if (found === undefined) return adopt(kind, { found, fields, error })
      const replaced = await putObject(parts, { kind, id: found.id, overlay }, use)
      written.replaced(kind, found.id, { overlay, replaced })
      return found.id
    }
    const id = await postObject(parts, { kind, fields, taken }, use)
    written.replaced(kind, id, { overlay, replaced: { sent: fields, laid: fields, before: {} } })
    written.made(kind, id, name)
    return id
  }

  /** Sees, before an activation, that nobody's save has undone what was written, and writes it again where one has. */
  async function confirmWritten(): Promise<void> {
    for (const kind of written.kinds()) {
      const objects = await readPages({ kind, call, use })
      lists.set(kind, objects)
      for (const { id, found, keys, overlay } of written.listLost(kind, objects)) {
        const { noun } = RESOURCES[kind]
        if (found === undefined) {
          written.forget(kind, id)
          throw new ModuleError(`somebody has deleted what this run needs: ${noun} ${id}`, {
            hint: 'nothing is activated yet; run the same command again to make it anew',
          })
        }
        use.warn?.(
          `somebody’s save has undone ${keys.join(', ')} of the ${noun} “${found.name}”: writing it again`,
        )
        await replace({ kind, id, overlay })
      }
    }
  }

  return {
    ...reader,

    async create(kind, fields) {
      const taken = (found: ZiaObjects[typeof kind] | undefined, error: unknown): number =>
        adopt(kind, { found, fields, error })
      const id = await edit(kind, () => postObject(parts, { kind, fields, taken }, use))
      written.made(kind, id, fields.name)
      return readBack.read(kind, id, use)
    },

    update: (kind, id, overlay) => replace({ kind, id, overlay }),

    async ensure(kind, name, overlay) {
      const found = await reader.find(kind, name)
      if (found !== undefined) return replace({ kind, id: found.id, overlay })
      const id = await edit(kind, () => makeOrShare(kind, name, overlay))
      return readBack.read(kind, id, use)
    },

    async remove(kind, id) {
      written.forget(kind, id)
      await edit(kind, async () => {
        record.edited()
        await call({ method: 'DELETE', path: `/${kind}/${id}` }, use).catch((error: unknown) => {
          if (!(error instanceof ZiaError) || error.status !== 404) throw error
        })
      })
      lists.drop(kind)
    },

    async activate() {
      await confirmWritten()
      const path = '/status/activate'
      return queue.run(
        'status',
        async () => {
          const answer = await call({ method: 'POST', path, body: {}, repeatable: true }, use)
          const status = parseStatus(answer, path)
          if (status !== 'PENDING') record.activated()
          written.clear()
          return status
        },
        use,
      )
    },
  }
}
