import { UsageError } from '../model/error.ts'

/** How much faster waiting is to be in the lab, from `RUNBOOK_LAB_SCALE`; the lab’s own default where nothing is said. */
export function readLabScale(environment: NodeJS.ProcessEnv): number | undefined {
  const written = environment['RUNBOOK_LAB_SCALE']
  if (written === undefined || written === '') return undefined
  const scale = Number(written)
  if (Number.isFinite(scale) && scale >= 1 && scale <= 100_000) return scale
  throw new UsageError(`RUNBOOK_LAB_SCALE is ${JSON.stringify(written)}`, {
    hint: 'it says how much faster waiting is in the lab: a number from 1 to 100000',
  })
}
