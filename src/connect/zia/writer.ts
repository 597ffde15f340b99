import type { Clock } from '../../model/clock.ts'
import { ModuleError } from '../../model/error.ts'
import { adopt, readId } from './adopt.ts'
import type { EditQueue } from './edit-queue.ts'
import { LostAnswerError, ZiaError } from './error.ts'
import { createReader, parseStatus, readPages, type ReaderParts } from './reader.ts'
import { RESOURCES, type ZiaFields, type ZiaKind, type ZiaObjects } from './resource.ts'
import type { ZiaUse, ZiaWriter } from './session.ts'

/** What writers of one session share. */
export interface WriterParts extends ReaderParts {
  readonly clock: Clock
  readonly queue: EditQueue
  /** Told of every edit that the server may have made, and of every activation. */
  readonly noted: (what: 'edit' | 'activation') => void
}

const TRIES = 4

/** Makes a view of the tenant that can write. */
export function createWriter(parts: WriterParts, use: ZiaUse): ZiaWriter {
  const { call, lists, clock, queue, noted } = parts
  const reader = createReader(parts, use)

  async function readBack<K extends ZiaKind>(kind: K, id: number): Promise<ZiaObjects[K]> {
    const object = await reader.get(kind, id)
    lists.put(kind, object)
    return object
  }

  /** Makes an edit when its turn comes. After a failure nobody knows what the list looks like. */
  async function edit<T>(kind: ZiaKind, work: () => Promise<T>): Promise<T> {
    try {
      return await queue(work, use)
    } catch (error) {
      lists.drop(kind)
      throw error
    }
  }

  /** Makes an edit again, from its beginning, where its answer was lost. */
  async function insist<T>(attemptEdit: () => Promise<T>, isAgain: (error: unknown) => boolean): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await attemptEdit()
      } catch (error) {
        if (!isAgain(error)) throw error
        if (attempt >= TRIES) throw lastWord(error)
        use.waiting?.('the answer to an edit was lost; looking whether it was made')
        await clock.sleep(2 ** attempt * 1000, { signal: use.signal })
      }
    }
  }

  async function post<K extends ZiaKind>(kind: K, fields: ZiaFields<K> & { name: string }): Promise<number> {
    let isLost = false
    return insist(
      async () => {
        if (isLost) {
          const made = await findAfresh(kind, fields.name)
          if (made !== undefined) return made.id
        }
        noted('edit')
        try {
          const echo = await call({ method: 'POST', path: `/${kind}`, body: fields }, use)
          return readId(echo) ?? (await findAfresh(kind, fields.name))?.id ?? missing(kind, fields.name)
        } catch (error) {
          isLost ||= error instanceof LostAnswerError
          if (!isDuplicate(error)) throw error
          return adopt(kind, { found: await findAfresh(kind, fields.name), fields, error })
        }
      },
      (error) => error instanceof LostAnswerError,
    )
  }

  function put<K extends ZiaKind>(
    kind: K,
    id: number,
    overlay: (current: ZiaObjects[K]) => ZiaFields<K>,
  ): Promise<void> {
    return insist(
      async () => {
        const current = await reader.get(kind, id)
        const body = { ...withoutOwned(kind, current), ...overlay(current) }
        noted('edit')
        await call({ method: 'PUT', path: `/${kind}/${id}`, body, repeatable: false }, use)
      },
      (error) => error instanceof LostAnswerError || isStale(error),
    )
  }

  async function findAfresh<K extends ZiaKind>(kind: K, name: string): Promise<ZiaObjects[K] | undefined> {
    lists.drop(kind)
    return (await readPages({ kind, call, use })).find((object) => object.name === name)
  }

  return {
    ...reader,

    async create(kind, fields) {
      const id = await edit(kind, () => post(kind, fields))
      return readBack(kind, id)
    },

    async update(kind, id, overlay) {
      await edit(kind, () => put(kind, id, overlay))
      return readBack(kind, id)
    },

    async ensure(kind, name, overlay) {
      const id = await edit(kind, async () => {
        const found = (await reader.find(kind, name)) ?? (await findAfresh(kind, name))
        if (found === undefined) return post(kind, { ...overlay(undefined), name })
        await put(kind, found.id, overlay)
        return found.id
      })
      return readBack(kind, id)
    },

    async remove(kind, id) {
      await edit(kind, async () => {
        noted('edit')
        await call({ method: 'DELETE', path: `/${kind}/${id}` }, use).catch((error: unknown) => {
          if (!(error instanceof ZiaError) || error.status !== 404) throw error
        })
      })
      lists.drop(kind)
    },

    activate: () =>
      queue(async () => {
        const path = '/status/activate'
        const status = parseStatus(
          await call({ method: 'POST', path, body: {}, repeatable: true }, use),
          path,
        )
        noted('activation')
        return status
      }, use),
  }
}

function withoutOwned<K extends ZiaKind>(kind: K, object: ZiaObjects[K]): Record<string, unknown> {
  const { owned } = RESOURCES[kind]
  return Object.fromEntries(Object.entries(object).filter(([key]) => !owned.includes(key)))
}

/** What ZIA itself said, where it said anything: it was reached, so the connection is not to blame. */
function lastWord(error: unknown): unknown {
  return error instanceof LostAnswerError && error.cause instanceof ZiaError ? error.cause : error
}

function missing(kind: ZiaKind, name: string): never {
  throw new ModuleError(`ZIA accepted the ${RESOURCES[kind].noun} “${name}”, but lists none of this name`, {
    hint: 'look at it in the Admin Portal, then run the same command again',
  })
}

function isDuplicate(error: unknown): boolean {
  return error instanceof ZiaError && error.reason === 'DUPLICATE_ITEM'
}

function isStale(error: unknown): boolean {
  return error instanceof ZiaError && error.reason === 'STALE_CONFIGURATION_ERROR'
}
