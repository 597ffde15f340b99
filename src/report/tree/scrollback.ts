import type { Event, StepFinished } from '../../model/event.ts'
import { renderTally } from '../phase-tally.ts'
import { renderDuration } from '../render/duration.ts'
import { renderError } from '../render/error.ts'
import { renderInterrupted } from '../render/interrupted.ts'
import type { Look } from '../render/look.ts'
import { renderQuestion } from '../render/question.ts'
import { indent, oneLine, renderFinished, renderPlace } from '../render/step.ts'
import type { TreeModel } from './model.ts'

interface ScrollbackOptions {
  readonly model: TreeModel
  readonly look: Look
}

/** Whether a finished step is worth a line that stays: failures always, changes with `--diff`, the rest with `-v`. */
function stays({ outcome, sharedWith, changes }: StepFinished, { diff, verbosity }: Look): boolean {
  if (verbosity > 0 || outcome === 'failed' || outcome === 'unreachable') return true
  return diff && outcome === 'changed' && changes.length > 0 && sharedWith === undefined
}

/** A cluster that is through folds to one line. */
function renderThrough(
  event: { readonly lane: string; readonly phase: string; readonly time: number },
  { model, look }: ScrollbackOptions,
): readonly string[] {
  const lane = model.endsWith(event)
  if (lane === undefined) return []
  const { style, glyphs } = look
  const { counts, stopped, since } = lane
  const failed = stopped || counts.failed + counts.unreachable > 0
  const outcome = failed ? 'failed' : counts.changed > 0 ? 'changed' : 'ok'
  const sign = style.outcome[outcome](glyphs[outcome])
  const place = stopped ? `stopped in ${oneLine(model.names.of(event.phase))}, ` : ''
  const time = renderDuration(event.time - since)
  return [`${sign} ${style.strong(oneLine(lane.name))}: ${place}${renderTally(counts)} (${time})`]
}

/** The lines that an event leaves above the live area; asked before the model is told of the event. */
export function renderScrollback(event: Event, { model, look }: ScrollbackOptions): readonly string[] {
  const { style, verbosity } = look
  const placeOf = (step: {
    readonly phase: string
    readonly target: string
    readonly name: string
  }): string => renderPlace(step, { phase: model.names.of(step.phase), look })
  switch (event.type) {
    case 'phase.finished':
      return renderThrough(event, { model, look })
    case 'step.warned':
      return [`${placeOf(event)}: ${style.warning('warning:')} ${oneLine(event.message)}`]
    case 'step.retried':
      if (verbosity === 0) return []
      return [
        `${placeOf(event)}: attempt ${event.attempt} of ${event.of} failed, trying again`,
        ...indent(renderError(event.error, look)),
      ]
    case 'step.finished':
      return stays(event, look) ? renderFinished(event, { phase: model.names.of(event.phase), look }) : []
    case 'target.rescued':
      return [`[${oneLine(event.target)}] the block “${oneLine(event.block)}” was rescued`]
    case 'lane.stopped':
      return [`[${oneLine(event.lane)}] ${style.outcome.failed('stopped:')} ${oneLine(event.reason)}`]
    case 'wire.traced':
      if (event.level > verbosity) return []
      return event.text.split('\n').map((line) => style.faint(`${oneLine(event.system)}> ${line}`))
    case 'operator.asked':
      return renderQuestion(event, look)
    case 'operator.answered':
      return [`${oneLine(event.title)}: ${oneLine(event.answer)}`]
    case 'run.interrupted':
      return [renderInterrupted(event, style)]
    case 'run.started':
      return (event.notes ?? []).map(oneLine)
    // The live area shows these, or the recap does.
    case 'phase.started':
    case 'batch.started':
    case 'step.started':
    case 'step.diffed':
    case 'step.progressed':
    case 'step.waiting':
    case 'run.finished':
      return []
  }
}
