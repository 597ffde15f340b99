import { ModuleError } from '../model/error.ts'
import type { Attempt } from './attempt.ts'

/** Asks before a change that interrupts something; nothing is asked with `--yes`, nor where nothing is interrupted. */
export async function allowDisruption(
  { run, on, planned, signal }: Attempt,
  what: string | undefined,
): Promise<void> {
  if (what === undefined || run.yes) return
  const question = `${on.target.name}: ${planned.name} — ${what}. Go on?`
  const answer = await run.desk.confirm(question, {
    topic: 'disruption',
    target: on.target.name,
    signal: AbortSignal.any([signal, run.draining]),
  })
  if (answer === 'yes' || answer === 'all') return
  throw new ModuleError(
    answer === 'nobody' ? `${what}, and nobody is there to agree to it` : `${what}, and you said no`,
    { hint: 'run it again with --yes when it may be interrupted' },
  )
}
