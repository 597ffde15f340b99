import type { Document } from '../../state/document-store.ts'

/** What happens at an occasion. */
const PASSING = {
  'edit-lock': 'the next edit is held for half a minute and then told that there is no edit lock',
  'org-barrier': 'the next edit meets the organisation’s barrier, a 412',
  duplicate:
    'another administrator creates the next object a moment before, and the edit is told DUPLICATE_ITEM',
  'lost-request': 'the connection breaks before the next request is carried out',
  'lost-answer': 'the next edit is carried out, and the connection breaks before its answer',
  'server-error': 'the next request ends in a 500',
  unavailable: 'the next request is answered by a proxy’s 503 page',
  'rate-limit': 'the next request is told that it came too fast',
  'session-expiry':
    'the next request finds its session or token gone; what the session had staged is activated',
  slow: 'the next request is carried out a minute late',
  'slow-answer': 'the next edit is carried out at once, and answered a minute late',
  garbage: 'the next answer is the log-in page of a hotel, with status 200',
  'slow-activation': 'the next activation shows as under way for three more looks',
  'admin-race': 'another administrator changes an object between its reading and the next update of it',
  'admin-edit': 'another administrator changes an object right after its next update',
  'admin-activation': 'another administrator activates right after the next edit',
} as const

/** What stays so until it is mended. */
const LASTING = {
  'admin-lock': 'until mended: another administrator holds the edit lock',
  'second-admin': 'until mended: another administrator has edits open, so activations stay pending',
  maintenance: 'until mended: every edit is refused, as in a maintenance',
  'read-only-role': 'until mended: the API user may look at everything and edit nothing',
  'scope-limited': 'until mended: the API user’s scope is a location, which leaves Service Edges out',
  'licence-expired': 'until mended: the Service Edge subscription ended yesterday',
  'drop-binding': 'until mended: locations take a binding to Service Edges and forget it',
  'location-source':
    'until mended: a location needs an IP address, a VPN credential or a Service Edge from the start',
  'bare-404': 'until mended: what is not there is answered with a 404 and nothing else',
  'clock-skew': 'until mended: the clock that answers are dated by is ten minutes ahead',
} as const

/** What can go wrong with a tenant, by name, and what each of it is. */
export const TENANT_FAULTS = { ...PASSING, ...LASTING } as const

/** The name of a fault of a tenant. */
export type TenantFaultName = keyof typeof TENANT_FAULTS

/** Whether a fault stays until it is mended; the others strike at their next occasion. */
export const isLasting = (name: TenantFaultName): boolean => Object.hasOwn(LASTING, name)

/** Which occasions a fault strikes. */
export interface Strikes {
  /** How many of them; 1 where absent. */
  readonly times?: number
  /** How many pass unharmed before. */
  readonly after?: number
  /** Only requests that begin so: `POST /locations`; any request, and not just an edit, where it is empty. */
  readonly only?: string
  /** Strikes so many of a hundred occasions, until cleared, in an order that the seed decides. */
  readonly percent?: number
  readonly seed?: number
}

/** A fault that waits for its occasions, as it is kept. */
interface Armed {
  times: number
  after: number
  readonly only?: string | undefined
  readonly percent?: number | undefined
  /** What the next throw of the dice follows from. */
  dice: number
}

/** The faults that wait, also for the next process. */
export type FaultState = Partial<Record<TenantFaultName, Armed[]>>

/** A request as faults see it. */
export interface Occasion {
  /** Method and path without the API's prefix: `POST /locations`. */
  readonly request: string
  readonly isEdit: boolean
}

/** Lets things go wrong on purpose. */
export interface Faults {
  /** Arms a fault, so many times or as described. */
  inject(name: TenantFaultName, strikes?: number | Strikes): void
  clear(name?: TenantFaultName): void
  /** Whether a lasting fault is armed. */
  has(name: TenantFaultName): boolean
  /** Whether this occasion is to go wrong; counts it. */
  spend(name: TenantFaultName, occasion: Occasion): boolean
  /** Resolves when every fault is on disk. */
  settled(): Promise<void>
}

/** What strikes edits, unless it was armed for other requests. */
const OF_EDITS: readonly TenantFaultName[] = [
  'edit-lock',
  'org-barrier',
  'duplicate',
  'lost-answer',
  'slow-answer',
  'slow-activation',
  'admin-race',
  'admin-edit',
  'admin-activation',
]

/** Opens the faults that a document keeps. */
export function createFaults(document: Document<FaultState>): Faults {
  let saved: Promise<void> = Promise.resolve()

  function keep(): void {
    saved = document.save()
    // Whoever asks whether everything is on disk is told; nobody else has to listen.
    saved.catch(() => {})
  }

  /** Counts an occasion for everything that fits it; the first that is ready strikes. */
  function count(fitting: readonly Armed[]): boolean {
    const ready = fitting.filter(({ after }) => after === 0)
    for (const armed of fitting) if (armed.after > 0) armed.after -= 1
    return ready.some((armed) => {
      if (armed.percent === undefined) {
        armed.times -= 1
        return true
      }
      armed.dice = throwDice(armed.dice)
      return armed.dice % 100 < armed.percent
    })
  }

  return {
    inject(name, given = {}) {
      const {
        times = 1,
        after = 0,
        only,
        percent,
        seed = 1,
      } = typeof given === 'number' ? { times: given } : given
      const { value } = document
      value[name] = [...(value[name] ?? []), { times, after, only, percent, dice: seed + 1 }]
      keep()
    },
    clear(name) {
      if (name === undefined) document.value = {}
      else delete document.value[name]
      keep()
    },
    has: (name) => document.value[name] !== undefined,
    spend(name, { request, isEdit }) {
      const waiting = document.value[name]
      if (waiting === undefined) return false
      const fits = ({ only }: Armed): boolean =>
        only === undefined ? isEdit || !OF_EDITS.includes(name) : request.startsWith(only)
      const isStruck = count(waiting.filter(fits))
      const left = waiting.filter(({ times }) => times > 0)
      if (left.length === 0) delete document.value[name]
      else document.value[name] = left
      keep()
      return isStruck
    },
    settled: () => saved,
  }
}

/** A number below 2³¹ after another, evenly spread: the sequence is the same for the same beginning. */
function throwDice(last: number): number {
  return Math.floor((last * 48_271) % 2_147_483_647)
}
