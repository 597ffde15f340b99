import { AbortError } from '../model/error.ts'
import { refOf, type Attempt } from './attempt.ts'
import { obtainConsent } from './consent.ts'

/**
 * Asks before a change that interrupts something: the person, unless `--yes` was given, then the guard of the cluster.
 * Nothing is asked where nothing is interrupted. A step that wants consent always gets it first, and whoever gave it has
 * agreed to the interruption, of every node at once, too.
 */
export async function allowDisruption(attempt: Attempt, what: string | undefined): Promise<void> {
  if ((await obtainConsent(attempt)) || what === undefined) return
  const { run, on, planned, begun, signal } = attempt
  if (!run.yes) await askPerson(attempt, what)
  // What several targets share is no node’s own; what has begun is finished, whatever the others do.
  if (planned.step.once !== true && begun.length === 0)
    await on.guard?.admit({ node: on.target.name, planned, what, signal })
}

/** Check mode only says what would be interrupted. */
export function foretellDisruption({ run, on, planned }: Attempt, what: string | undefined): void {
  if (what === undefined) return
  const one = on.guard === undefined ? '' : '; one node at a time, while all others are healthy'
  const message = `would interrupt: ${what}${one}`
  run.emit({ type: 'step.warned', ...refOf(planned), target: on.target.name, message })
}

async function askPerson({ run, on, planned, signal }: Attempt, what: string): Promise<void> {
  const question = `${on.target.name}: ${planned.name} — ${what}. Go on?`
  const answer = await run.desk.confirm(question, {
    topic: 'disruption',
    target: on.target.name,
    signal: AbortSignal.any([signal, run.draining]),
  })
  if (answer === 'yes' || answer === 'all') return
  throw new AbortError(
    answer === 'nobody' ? `${what}, and nobody is there to agree to it` : `${what}, and you said no`,
    { hint: 'run it again with --yes when it may be interrupted' },
  )
}
