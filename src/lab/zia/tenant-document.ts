import type { Document, DocumentStore } from '../../state/document-store.ts'
import { planTenant } from './seed.ts'
import { KINDS, type Configuration, type Kind, type Stored, type TenantState } from './state.ts'

/** What has changed since the whole state was last written. */
interface Recent {
  /** Of the whole state that this belongs to; it is meaningless beside any other one. */
  epoch: number
  /** Everything but the objects. */
  rest: Omit<TenantState, 'staged' | 'committed'> | undefined
  staged: Partial<Record<Kind, KindChange>>
}

interface KindChange {
  /** Objects that are new or were replaced. */
  readonly put: readonly Stored[]
  readonly removed: readonly number[]
}

/** So many changed objects are written again with every edit, until it is time to write everything. */
const MOST_CHANGES = 100

/** A tenant's state, on disk after every `save`. */
export interface TenantDocument extends Document<TenantState> {
  /** Puts everything into one file again, for whoever reads it. */
  close(): Promise<void>
}

/**
 * Opens a tenant's state. Thousands of objects would make every edit a write of megabytes: an edit writes what has
 * changed since the whole was written, and the whole is written again when that is much, or was activated.
 */
export async function openTenantState(store: DocumentStore, name: string): Promise<TenantDocument> {
  const whole = await store.open<TenantState>(name, planTenant)
  const recent = await store.open<Recent>(`${name}/recent`, () => ({
    epoch: -1,
    rest: undefined,
    staged: {},
  }))
  // What an older version has kept lacks the younger fields.
  const written = { ...planTenant(), ...whole.value }
  let base = baseOf(written)
  const state = replay(written, recent.value)
  whole.value = state
  let writing: Promise<void> = Promise.resolve()

  async function saveWhole(): Promise<void> {
    state.epoch += 1
    base = baseOf(state)
    writing = whole.save()
    await writing
  }

  async function saveRecent(staged: Recent['staged']): Promise<void> {
    const { staged: _, committed: __, ...rest } = state
    recent.value = { epoch: state.epoch, rest, staged }
    // Beside a whole that is not there yet, this would be lost.
    await writing
    await recent.save()
  }

  return {
    value: state,
    save() {
      const staged = diffStaged(state.staged, base.staged)
      const size = Object.values(staged).reduce(
        (sum, { put, removed }) => sum + put.length + removed.length,
        0,
      )
      const isWhole = state.committed !== base.committed || size > MOST_CHANGES
      return isWhole ? saveWhole() : saveRecent(staged)
    },
    async close() {
      if (recent.value.epoch === state.epoch) await saveWhole()
    },
  }
}

interface Base {
  /** Objects by id, by kind; and the arrays they were in, which are replaced when something changes. */
  readonly staged: Readonly<Record<Kind, readonly Stored[]>>
  readonly committed: Configuration
}

const baseOf = ({ staged, committed }: TenantState): Base => ({ staged: { ...staged }, committed })

function diffStaged(now: Configuration, before: Base['staged']): Recent['staged'] {
  const changed = KINDS.filter((kind) => now[kind] !== before[kind])
  return Object.fromEntries(
    changed.map((kind) => {
      const known = new Set(before[kind])
      const ids = new Set(now[kind].map(({ id }) => id))
      const put = now[kind].filter((object) => !known.has(object))
      return [kind, { put, removed: before[kind].flatMap(({ id }) => (ids.has(id) ? [] : [id])) }] as const
    }),
  )
}

function replay(state: TenantState, { epoch, rest, staged }: Recent): TenantState {
  if (epoch !== state.epoch || rest === undefined) return state
  const replayed = { ...state, ...rest, staged: { ...state.staged } }
  for (const kind of KINDS) {
    const { put = [], removed = [] } = staged[kind] ?? {}
    const gone = new Set([...removed, ...put.map(({ id }) => id)])
    const objects = [...state.staged[kind].filter(({ id }) => !gone.has(id)), ...put]
    replayed.staged[kind] = objects.toSorted(isOrdered(kind) ? byOrder : (a, b) => a.id - b.id)
  }
  return replayed
}

const isOrdered = (kind: Kind): boolean => kind === 'firewallFilteringRules'
const byOrder = (a: Stored, b: Stored): number => Number(a['order']) - Number(b['order']) || a.id - b.id
