import type { Clock } from '../../model/clock.ts'
import { ModuleError } from '../../model/error.ts'
import {
  ALONGSIDE,
  judgePending,
  pendingOf,
  type Circumstances,
  type Pending,
  type Staged,
  type StagedMark,
} from './pending.ts'
import type { ActivationStatus } from './resource.ts'
import { addOwn, listOthers } from './staged-by.ts'

type Look = () => Promise<ActivationStatus>

/** What a session knows of its own edits, and of those it found. */
export interface EditRecord {
  /**
   * Called before every edit: the first one looks, before it, what is pending, and throws where it must not be added to;
   * `found` is told what it is added to. What is edited for a failure domain is on disk as such when this resolves.
   */
  begin(look: Look, edit: Beginning): Promise<void>
  /** The server may have made an edit. */
  edited(): void
  /** The server has refused what it was sent: nothing has come of it, and nothing of its failure domain is staged for that. */
  refused(): void
  /** What began has ended, whether it has edited anything or not. */
  end(): Promise<void>
  /** An activation was asked for, and this was the answer. */
  activated(status: ActivationStatus): Promise<void>
  /** Somebody else's edits were seen among those of this session. */
  joined(): Promise<void>
  /** The session has ended, which has activated everything but what the edit under way sends: that may be the next one's. */
  lapsed(): Promise<void>
  /** Asks for the status; what it proves is noted. */
  ask(look: Look): Promise<ActivationStatus>
  /** Whose edits are pending now. */
  pending(look: Look): Promise<Pending>
  /** Whether edits of this session wait for an activation. */
  isPending(): boolean
  /** Whether everything it edited, at least something, was activated. */
  isDone(): boolean
  /** The failure domains whose edits, of this session or those before it, wait for an activation. */
  staged(): readonly string[]
  /** Those of them that runs have left which were not to do just what this one is to. */
  stagedEarlier(): readonly string[]
  /** Keeps on disk that the session was still used now, where edits of its wait. */
  keep(): Promise<void>
}

/** What is about to be edited. */
export interface Beginning {
  readonly domain: string | undefined
  readonly found: (pending: Pending) => void
}

/** What a record is made with. */
export interface EditRecordOptions extends Pick<Circumstances, 'login' | 'others'> {
  readonly mark: StagedMark | undefined
  readonly clock: Clock
}

/** How old the time on disk may become while edits go on. */
const KEEP_EVERY = 30_000

/** Makes the record of a session that has not edited anything. */
export function createEditRecord({ mark, clock, login, others }: EditRecordOptions): EditRecord {
  const opened = clock.now()
  const domains = new Set<string>()
  /** What an earlier run has left, where it may still be pending. */
  let earlier: Staged | undefined
  let edits = 0
  let active = 0
  let begun: Promise<void> | undefined
  /** The edit whose turn it is, and how many there were before it; none where nobody edits. */
  let turn:
    | { readonly domain: string | undefined; readonly before: number; readonly isNew: boolean }
    | undefined
  let isMixed = false
  let keptAt = -Infinity
  /** Edits that the activation covers which was asked for, and whether the server works on that one. */
  let asked: { readonly covers: number; isUnderWay: boolean } | undefined

  const listStaged = (): readonly string[] => [...new Set([...(earlier?.domains ?? []), ...domains])]

  async function keep(): Promise<void> {
    keptAt = clock.now()
    const by = addOwn(earlier, { domains, selection: mark?.selection })
    await mark?.write({ at: keptAt, mixed: isMixed, domains: listStaged(), by })
  }

  async function forget(): Promise<void> {
    begun = undefined
    isMixed = false
    earlier = undefined
    domains.clear()
    const staged = await mark?.read()
    if (staged !== undefined && begun === undefined) await mark?.write(undefined)
  }

  async function settle(covers: number): Promise<void> {
    active = covers
    asked = undefined
    if (edits === covers) await forget()
  }

  async function judge(status: ActivationStatus): Promise<Pending> {
    const staged = await mark?.read()
    // Another process's clock may have been ahead, as the lab's are.
    const age = clock.now() - Math.min(staged?.at ?? 0, opened)
    const pending = judgePending(status, { staged, age, login, others })
    const isEarlier = pending.whose !== 'nothing' && pending.whose !== 'others'
    earlier = isEarlier ? staged : undefined
    return pending
  }

  async function open(look: Look, found: (pending: Pending) => void): Promise<void> {
    const pending = await judge(await look())
    if (pending.isRefused) {
      throw new ModuleError(
        `${pending.words}, and ZIA activates all or none: nothing is written beside them`,
        { hint: ALONGSIDE },
      )
    }
    found(pending)
    isMixed = pending.whose !== 'nothing' && pending.whose !== 'ours'
  }

  async function ask(look: Look): Promise<ActivationStatus> {
    const before = edits
    const status = await look()
    if (asked !== undefined && status === 'INPROGRESS') asked.isUnderWay = true
    // Whatever is pending after the activation has been made since.
    if (asked?.isUnderWay === true && status === 'PENDING') await settle(asked.covers)
    if (status === 'ACTIVE' && edits === before && turn === undefined) await settle(edits)
    return status
  }

  return {
    async begin(look, { domain, found }) {
      turn = { domain, before: edits, isNew: domain !== undefined && !domains.has(domain) }
      const isFirst = begun === undefined
      begun ??= open(look, found)
      const own = begun
      own.catch(() => {
        if (begun === own) begun = undefined
      })
      await own
      const isNew = domain !== undefined && !domains.has(domain)
      if (isNew) domains.add(domain)
      // On disk before the edit is sent: whoever is killed now finds its own edits, not a stranger's.
      if (isFirst || isNew || clock.now() - keptAt >= KEEP_EVERY) await keep()
    },
    edited: () => void (edits += 1),
    refused() {
      // Only where the very first request of the turn was: what was sent twice may have been made once.
      if (turn !== undefined && edits === turn.before + 1) edits = turn.before
    },
    async end() {
      const ended = turn
      turn = undefined
      if (begun === undefined) return
      if (active < edits) {
        const isNothing = ended !== undefined && ended.isNew && edits === ended.before
        if (isNothing && ended.domain !== undefined && domains.delete(ended.domain)) await keep()
        return
      }
      // It has edited nothing: what was kept before is what there is.
      begun = undefined
      isMixed = false
      domains.clear()
      await mark?.write(earlier)
    },
    async activated(status) {
      asked = { covers: edits, isUnderWay: status !== 'PENDING' }
      if (status === 'ACTIVE') await settle(edits)
    },
    async joined() {
      isMixed = true
      await keep()
    },
    async lapsed() {
      asked = undefined
      if (turn === undefined) {
        active = edits
        return forget()
      }
      // Whoever notices it: what the edit under way has sent, or is about to, may belong to the next session.
      active = turn.before
      isMixed = false
      earlier = undefined
      domains.clear()
      if (turn.domain !== undefined) domains.add(turn.domain)
      await keep()
    },
    ask,
    async pending(look) {
      const status = await ask(look)
      if (status === 'ACTIVE' || active === edits) return judge(status)
      return pendingOf({ status, whose: isMixed ? 'mixed' : 'ours', others })
    },
    isPending: () => active < edits,
    isDone: () => edits > 0 && active === edits,
    staged: listStaged,
    stagedEarlier: () => listOthers(earlier, mark?.selection),
    async keep() {
      if (active < edits) await keep()
    },
  }
}
