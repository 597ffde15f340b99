import { Listr, type ListrRenderer } from 'listr2'

/** What draws the run: begins when the run does, ends when it does. */
export interface Drawing {
  begin(): void
  end(): void
}

/** A run as listr2 knows it. */
export interface RunTask {
  /** Ends the run; resolves when the drawing has ended. */
  finish(): Promise<void>
}

/** The renderer that listr2 calls: it hands over to the drawing, which looks at no task of listr2's. */
class FleetRenderer implements ListrRenderer {
  static readonly nonTTY = true
  static readonly rendererTaskOptions: never
  static rendererOptions: { readonly drawing?: Drawing } = {}
  readonly #drawing: Drawing | undefined

  constructor(_tasks: unknown, { drawing }: typeof FleetRenderer.rendererOptions) {
    this.#drawing = drawing
  }

  readonly render = (): void => this.#drawing?.begin()
  readonly end = (): void => this.#drawing?.end()
}

/**
 * Starts the one listr2 task of a run. A task per step, or per target, would cost listr2 more than the run itself; and
 * signals are the engine's business.
 */
export function startRunTask(title: string, drawing: Drawing): RunTask {
  let settle = (): void => undefined
  const settled = new Promise<void>((resolve) => (settle = resolve))
  const list = new Listr([{ title, task: () => settled }], {
    renderer: FleetRenderer,
    rendererOptions: { drawing },
    exitOnError: false,
    registerSignalListeners: false,
  })
  const ended = list.run()
  return {
    async finish() {
      settle()
      await ended
    },
  }
}
