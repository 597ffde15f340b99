import type { Event, RunFinished } from '../model/event.ts'
import type { Reporter } from '../model/reporter.ts'
import { createLines } from './lines.ts'
import type { TextOptions } from './output.ts'
import { createLook } from './render/look.ts'
import { renderRecap } from './render/recap.ts'
import { renderFrame } from './tree/frame.ts'
import { createTreeModel } from './tree/model.ts'
import { startRunTask, type RunTask } from './tree/run-task.ts'
import { openScreen } from './tree/screen.ts'
import { renderScrollback } from './tree/scrollback.ts'

/** Ten frames a second are as many as anybody reads. */
const FRAME_EVERY = 100

// While a person is asked nothing is drawn, however much happens.
const MOST_PENDING = 5000

/** Calls `frame` every `ms` milliseconds until what it returned is called. */
export type Ticker = (frame: () => void, ms: number) => () => void

/** What the tree needs beside: its clocks. */
export interface TreeOptions extends TextOptions {
  /** The run's clock; the wall's by default. */
  readonly now?: () => number
  /** The wall's clock. */
  readonly wall?: () => number
  /** Beats for the frames, in the wall's time. */
  readonly ticker?: Ticker
}

const wallTicker: Ticker = (frame, ms) => {
  const timer = setInterval(frame, ms).unref()
  return () => clearInterval(timer)
}

/**
 * Makes the reporter for terminals: a live area with a row for each active cluster and node, at most ten frames a second and
 * never higher than the terminal; above it what stays, below it, in the end, the recap. Off a terminal it is the one for logs.
 */
export function createTree(options: TreeOptions): Reporter {
  if (options.out.isTTY !== true) return createLines(options)
  const { now = Date.now, wall = Date.now, ticker = wallTicker } = options
  const begun = wall()
  const look = createLook(options)
  const model = createTreeModel()
  const screen = openScreen(options)
  let pending: string[] = []
  let dropped = 0
  let asked = 0
  let tick = 0
  let stop = (): void => undefined
  let task: RunTask | undefined
  let finished: RunFinished | undefined

  function takePending(): readonly string[] {
    const lines = dropped === 0 ? pending : [`(${dropped} lines left out)`, ...pending]
    pending = []
    dropped = 0
    return lines
  }

  function draw(): void {
    if (asked > 0) return
    tick += 1
    // One row less than there is, so that the line above the live area never scrolls away unseen.
    const { columns, rows } = screen
    const size = { columns: columns - 1, rows: rows - 1 }
    screen.paint(takePending(), renderFrame(model, { ...size, now: now(), wall: wall() - begun, tick, look }))
  }

  const drawing = {
    begin: () => void (stop = ticker(draw, FRAME_EVERY)),
    end() {
      stop()
      screen.leave(takePending())
    },
  }

  function keep(lines: readonly string[]): void {
    pending.push(...lines)
    if (pending.length <= MOST_PENDING) return
    dropped += pending.length - MOST_PENDING
    pending = pending.slice(-MOST_PENDING)
  }

  function report(event: Event): void {
    keep(renderScrollback(event, { model, look }))
    model.apply(event)
    if (event.type === 'run.started') task ??= startRunTask(event.runbook, drawing)
    if (event.type === 'run.finished') finished = event
    if (event.type === 'operator.asked') {
      asked += 1
      screen.leave(takePending())
    }
    if (event.type === 'operator.answered') asked = Math.max(0, asked - 1)
  }

  return {
    report,
    async close() {
      if (task === undefined) screen.leave(takePending())
      await task?.finish()
      if (finished === undefined) return
      const recap = renderRecap(finished, { style: look.style, isLab: model.run?.lab !== undefined })
      screen.leave(['', ...recap])
    },
  }
}
