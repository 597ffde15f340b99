import type { RunInterrupted } from '../../model/event.ts'
import type { Style } from './style.ts'

/** What a run that was stopped says at once. */
export function renderInterrupted({ signal }: Pick<RunInterrupted, 'signal'>, style: Style): string {
  const what = 'nothing new starts; what runs is being finished, and the same command goes on from there'
  return style.strong(`Interrupted (${signal}): ${what}.`)
}
