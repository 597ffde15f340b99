import type { Reporter } from '../model/reporter.ts'
import type { TextOptions } from './output.ts'
import type { ReporterName } from './reporter-name.ts'

/** What every reporter can be made from; each takes what it needs. */
export interface ReporterOptions extends TextOptions {
  /** The run’s clock, for what is drawn while time passes. */
  readonly now?: () => number
}

/** Makes a reporter by its name, and loads only what that one needs. */
export async function openReporter(name: ReporterName, options: ReporterOptions): Promise<Reporter> {
  switch (name) {
    case 'tree':
      return (await import('./tree.ts')).createTree(options)
    case 'lines':
      return (await import('./lines.ts')).createLines(options)
    case 'json':
      return (await import('./json.ts')).createJson(options)
    case 'junit':
      return (await import('./junit.ts')).createJunit(options)
    case 'silent':
      return (await import('./silent.ts')).createSilent()
  }
}
