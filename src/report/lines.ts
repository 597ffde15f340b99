import type {
  Event,
  PhaseFinished,
  RunStarted,
  StepFinished,
  StepRetried,
  StepWaiting,
} from '../model/event.ts'
import type { Reporter } from '../model/reporter.ts'
import { listen, type Listeners } from './listeners.ts'
import type { TextOptions } from './output.ts'
import { createPace } from './pace.ts'
import { phaseNames } from './phase-names.ts'
import { createPhaseTally, renderTally } from './phase-tally.ts'
import { renderDuration } from './render/duration.ts'
import { renderError } from './render/error.ts'
import { renderInterrupted } from './render/interrupted.ts'
import { createLook } from './render/look.ts'
import { renderProgress } from './render/progress.ts'
import { renderQuestion } from './render/question.ts'
import { renderRecap } from './render/recap.ts'
import { renderRunHeader } from './render/run-header.ts'
import { indent, oneLine, renderFinished, renderPlace } from './render/step.ts'
import { createSink } from './sink.ts'

// A log that says nothing for minutes looks dead, and one that says everything is not read.
const PROGRESS_EVERY = 15_000

/** Kinds of waits that may take long. */
const LONG: ReadonlySet<StepWaiting['kind']> = new Set(['person', 'health', 'diagnosis'])

/**
 * Makes the reporter for logs and pipes: a line for every phase, and for every step that changed something or failed, with
 * the error below it. `-v` adds the steps that found nothing to do, retries and waits. The recap comes last.
 */
export function createLines(options: TextOptions): Reporter {
  const print = createSink(options)
  const look = createLook(options)
  const { style, verbosity } = look
  const tally = createPhaseTally()
  // A lane that stopped goes through its other phases without doing anything, which is not worth a line.
  const stopping = new Set<string>()
  const stopped = new Set<string>()
  let names = phaseNames([])
  let pace = createPace(PROGRESS_EVERY)
  let scale: number | undefined

  const place = (event: { readonly phase: string; readonly target: string; readonly name: string }): string =>
    renderPlace(event, { phase: names.of(event.phase), look })
  const phasePlace = ({ phase, lane }: { readonly phase: string; readonly lane: string }): string =>
    style.strong(`[${oneLine(lane)}] ${oneLine(names.of(phase))}`)

  function start(event: RunStarted): readonly string[] {
    names = phaseNames(event.phases)
    scale = event.lab?.scale
    pace = createPace(PROGRESS_EVERY * (scale ?? 1))
    return [style.strong(renderRunHeader(event, look)), ...(event.notes ?? []).map(oneLine)]
  }

  function finishPhase(event: PhaseFinished): readonly string[] {
    const counted = tally.take(event)
    const told = stopped.has(event.lane)
    if (stopping.delete(event.lane)) stopped.add(event.lane)
    if (counted === undefined || (told && verbosity === 0)) return []
    const time = renderDuration(event.time - counted.started)
    return [`${phasePlace(event)}: ${renderTally(counted.counts)} (${time})`]
  }

  function finishStep(event: StepFinished): readonly string[] {
    tally.count(event)
    pace.forget(event)
    const quiet = event.outcome === 'ok' || event.outcome === 'skipped'
    const shared = event.sharedWith !== undefined && event.outcome === 'changed'
    if ((quiet || shared) && verbosity === 0) return []
    return renderFinished(event, { phase: names.of(event.phase), look })
  }

  const retry = (event: StepRetried): readonly string[] => [
    `${place(event)}: attempt ${event.attempt} of ${event.of} failed, trying again`,
    ...indent(renderError(event.error, look)),
  ]

  const listeners: Listeners<readonly string[]> = {
    'run.started': start,
    'phase.started': (event) => {
      tally.start(event)
      if (stopped.has(event.lane) && verbosity === 0) return []
      const targets = event.targets.length === 1 ? '1 target' : `${event.targets.length} targets`
      return [`${phasePlace(event)}: started (${targets})`]
    },
    'phase.finished': finishPhase,
    'batch.started': (event) =>
      event.of === 1
        ? []
        : [
            `${phasePlace(event)}: batch ${event.index} of ${event.of} (${event.targets.map(oneLine).join(', ')})`,
          ],
    'step.started': () => [],
    'step.diffed': () => [],
    'step.progressed': (event) =>
      pace.isDue(event) ? [`${place(event)}: ${oneLine(renderProgress(event.progress))}`] : [],
    'step.waiting': (event) =>
      verbosity > 0 || LONG.has(event.kind)
        ? [`${place(event)}: waiting ${style.faint(`(${event.kind})`)} ${oneLine(event.reason)}`]
        : [],
    'step.retried': (event) => (verbosity > 0 ? retry(event) : []),
    'step.warned': (event) => [`${place(event)}: ${style.warning('warning:')} ${oneLine(event.message)}`],
    'step.finished': finishStep,
    'target.rescued': (event) => [
      `[${oneLine(event.target)}] the block “${oneLine(event.block)}” was rescued`,
    ],
    'lane.stopped': (event) => {
      stopping.add(event.lane)
      return [`${phasePlace(event)}: ${style.outcome.failed('stopped')}, ${oneLine(event.reason)}`]
    },
    'wire.traced': (event) =>
      event.level <= verbosity
        ? event.text.split('\n').map((line) => style.faint(`${oneLine(event.system)}> ${line}`))
        : [],
    'operator.asked': (event) => renderQuestion(event, look),
    'operator.answered': (event) => [`${oneLine(event.title)}: ${oneLine(event.answer)}`],
    'run.interrupted': (event) => [renderInterrupted(event, style)],
    'run.finished': (event) => ['', ...renderRecap(event, { style, isLab: scale !== undefined })],
  }

  return {
    report: (event: Event) => print(listen(event, listeners)),
    close: () => Promise.resolve(),
  }
}
