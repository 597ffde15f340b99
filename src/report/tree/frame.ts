import { renderBar } from '../render/bar.ts'
import { renderDuration } from '../render/duration.ts'
import type { Look } from '../render/look.ts'
import { fractionOf, renderProgress } from '../render/progress.ts'
import { renderRow, type Segment } from '../render/row.ts'
import type { Paint } from '../render/style.ts'
import { clip, widthOf } from '../render/width.ts'
import type { ActiveStep, Lane } from './lane.ts'
import type { Failure, TreeModel } from './model.ts'

const NAME_COLUMNS = 16
const BAR_COLUMNS = 10
const MOST_MARKS = 20

/** How a frame is drawn: how much room there is, and when. */
export interface FrameOptions {
  readonly columns: number
  readonly rows: number
  /** Milliseconds of the run's clock. */
  readonly now: number
  /** Milliseconds that have passed on the wall. */
  readonly wall: number
  /** Counts frames; turns the spinner. */
  readonly tick: number
  readonly look: Look
}

/** The live area of the screen: at most `rows` rows, each at most `columns` wide. Costs what it shows, not what there is. */
export function renderFrame(model: TreeModel, options: FrameOptions): readonly string[] {
  const { rows } = options
  const head = [headerRow(model, options), barRow(model, options)]
  const foot = [countsRow(model, options)]
  const failures = rows < 10 ? [] : model.failures.flatMap((failure) => failureRows(failure, options))
  const room = rows - head.length - foot.length - failures.length
  const body = bodyRows(model, { ...options, rows: Math.max(0, room) })
  return [...head, ...body, ...foot, ...failures]
    .slice(0, Math.max(1, rows))
    .map((segments) => renderRow(segments, { columns: options.columns, glyphs: options.look.glyphs }))
}

type Row = readonly Segment[]

function headerRow({ run }: TreeModel, { now, wall, look }: FrameOptions): Row {
  if (run === undefined) return []
  const { style, glyphs } = look
  const elapsed = Math.max(0, now - run.time)
  const time =
    run.lab === undefined
      ? renderDuration(elapsed)
      : `${renderDuration(wall)} (${renderDuration(elapsed)} of lab time)`
  const mode = run.mode === 'check' ? ` ${glyphs.dot} check only` : ''
  return [[run.runbook, style.strong], ` ${glyphs.dot} ${run.inventory}${mode} ${glyphs.dot} ${time}`]
}

function barRow({ run, done, counts }: TreeModel, { columns, look }: FrameOptions): Row {
  const { style, glyphs } = look
  const total = Math.max(run?.steps ?? 0, done)
  const text = ` ${done}/${total} steps`
  const width = Math.max(0, Math.min(40, columns - text.length))
  const bar = renderBar(total === 0 ? 0 : done / total, { width, glyphs })
  const failed = counts.failed + counts.unreachable > 0
  return [[bar, failed ? style.outcome.failed : style.outcome.ok], text]
}

function countsRow(model: TreeModel, { look }: FrameOptions): Row {
  const { running, between, waiting, finished, counts } = model
  const lanes = [
    `${running} running`,
    ...(between === 0 ? [] : [`${between} between phases`]),
    `${waiting} waiting`,
    `${finished} finished`,
  ]
  const outcomes = (['changed', 'ok', 'skipped', 'failed', 'unreachable'] as const).filter(
    (outcome) => counts[outcome] > 0,
  )
  return [
    lanes.join(', '),
    ...outcomes.flatMap((outcome, index): Segment[] => [
      index === 0 ? ` ${look.glyphs.dot} ` : ', ',
      [`${counts[outcome]} ${outcome}`, look.style.outcome[outcome]],
    ]),
  ]
}

function failureRows({ target, name, error }: Failure, { look }: FrameOptions): readonly Row[] {
  const { style, glyphs } = look
  const [message = ''] = error.message.split('\n', 1)
  const first: Row = [
    [`${glyphs.failed} ${target} ${glyphs.within} ${name}: `, style.outcome.failed],
    message,
  ]
  return error.hint === undefined ? [first] : [first, [`  hint: ${error.hint}`]]
}

/** Rows of the active clusters, and of as many of their active nodes as there is room for. */
function bodyRows(model: TreeModel, options: FrameOptions): readonly Row[] {
  const { rows } = options
  if (rows <= 0) return []
  const fits = model.running <= rows ? model.running : rows - 1
  const lanes = takeRunning(model.live, fits)
  const names = Math.min(NAME_COLUMNS, Math.max(0, ...lanes.map(({ name }) => widthOf(name))))
  const marks = Math.min(MOST_MARKS, Math.max(0, ...lanes.map(({ targets }) => targets.size)))
  const body: Row[] = []
  let spare = model.running > fits ? 0 : rows - fits
  for (const [index, lane] of lanes.entries()) {
    // An equal share of what is left; what one cluster does not need, the next ones get.
    const share = Math.floor(spare / (fits - index))
    const steps = take(lane.active.values(), share + 1).filter(({ target }) => target !== lane.name)
    const shown = steps.slice(0, share)
    spare -= shown.length
    body.push(laneRow(lane, { ...options, model, names, marks, crowded: shown.length === 0 }))
    body.push(...shown.map((step) => stepRow(step, options)))
  }
  const hidden = model.running - fits
  return hidden === 0 ? body : [...body, [`${options.look.glyphs.ellipsis} ${hidden} more running`]]
}

function takeRunning(lanes: Iterable<Lane>, most: number): readonly Lane[] {
  const taken: Lane[] = []
  for (const lane of lanes) {
    if (taken.length >= most) break
    if (lane.phase !== undefined) taken.push(lane)
  }
  return taken
}

function take<T>(items: Iterable<T>, most: number): readonly T[] {
  const taken: T[] = []
  for (const item of items) {
    if (taken.length >= most) break
    taken.push(item)
  }
  return taken
}

interface LaneOptions extends FrameOptions {
  readonly model: TreeModel
  /** Columns for the names of the clusters. */
  readonly names: number
  /** Columns for the signs of the nodes. */
  readonly marks: number
  /** No row of its own for a node: the cluster's row tells of the step that has run longest. */
  readonly crowded: boolean
}

function laneRow(lane: Lane, options: LaneOptions): Row {
  const { model, look, tick, names, marks, crowded, columns } = options
  const { style, glyphs } = look
  const phases = Math.max(1, model.run?.phases.length ?? 1)
  const bar = renderBar(lane.phases / phases, { width: BAR_COLUMNS, glyphs })
  const own = lane.active.get(lane.name) ?? (crowded ? firstOf(lane.active.values()) : undefined)
  const doing = own === undefined ? [] : [` ${glyphs.within} ${doingOf(own, { lane, options })}`]
  const phase = lane.phase === undefined ? '' : model.names.of(lane.phase)
  // Where both stand in one row, the phase leaves room for the step.
  const room = own === undefined ? columns : Math.floor(columns / 3)
  return [
    `${glyphs.spinner[tick % glyphs.spinner.length] ?? ''} `,
    [padName(lane.name, { columns: names, look }), lane.stopped ? style.outcome.failed : style.strong],
    ` ${bar} `,
    ...markSegments(lane, options),
    ' '.repeat(Math.max(0, marks - lane.targets.size) + (marks === 0 ? 0 : 1)),
    clip(phase, { columns: room, ellipsis: glyphs.ellipsis }),
    ...doing,
  ]
}

const firstOf = <T>(items: Iterable<T>): T | undefined => take(items, 1)[0]

function doingOf(
  step: ActiveStep,
  { lane, options }: { readonly lane: Lane; readonly options: FrameOptions },
): string {
  const who = step.target === lane.name ? '' : `${step.target}: `
  return `${who}${step.name} ${renderDuration(options.now - step.since)}${detailOf(step)}`
}

/** One sign for each node of a cluster. */
function markSegments(lane: Lane, { model, look, marks }: LaneOptions): readonly Segment[] {
  const { style, glyphs } = look
  const shown = take(lane.targets, lane.targets.size > marks ? marks - 1 : marks)
  const signs = shown.map((target): Segment => {
    if (lane.active.has(target)) return [glyphs.running, style.strong]
    const mark = model.markOf(target)
    return mark === undefined ? [glyphs.waiting, style.faint] : [glyphs[mark], style.outcome[mark]]
  })
  return lane.targets.size > marks ? [...signs, '+'] : signs
}

function stepRow(step: ActiveStep, { now, look }: FrameOptions): Row {
  const { style, glyphs } = look
  const fraction = step.progress === undefined ? undefined : fractionOf(step.progress)
  const bar = fraction === undefined ? [] : [` ${renderBar(fraction, { width: BAR_COLUMNS, glyphs })}`]
  const time: readonly [string, Paint] = [renderDuration(now - step.since), style.faint]
  return [
    `    ${padName(step.target, { columns: NAME_COLUMNS, look })} ${step.name} `,
    time,
    ...bar,
    detailOf(step),
  ]
}

function detailOf({ waiting, progress }: ActiveStep): string {
  if (waiting !== undefined) return ` waiting ${waiting}`
  return progress === undefined ? '' : ` ${renderProgress(progress)}`
}

function padName(name: string, { columns, look }: { readonly columns: number; readonly look: Look }): string {
  const shown = clip(name, { columns, ellipsis: look.glyphs.ellipsis })
  return shown + ' '.repeat(columns - widthOf(shown))
}
