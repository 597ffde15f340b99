import { AbortError } from '../model/error.ts'
import type { Attempt } from './attempt.ts'

/**
 * Gets the consent that a step wants, by typing and by nothing else. False where the step wants none; throws an `AbortError`
 * where nobody gives it.
 */
export async function obtainConsent({ run, on, planned, signal }: Attempt): Promise<boolean> {
  const consent = planned.step.consent?.(on.target.scope)
  if (consent === undefined) return false
  if (consent === 'given') return true
  const asking = { target: on.target.name, signal: AbortSignal.any([signal, run.draining]) }
  if (await run.desk.agree(consent, asking)) return true
  const { title, types, otherwise } = consent
  throw new AbortError(`${title}: nobody has agreed by typing “${types}”, so nothing was changed`, {
    hint: `run it at a terminal and type ${types} when asked, or add ${otherwise}; --yes does not answer this`,
  })
}
