import type { Reporter } from '../model/reporter.ts'
import type { Output } from './output.ts'

/** Makes a reporter that writes one event a line, as JSON: first `run.started`, last `run.finished` with the recap. */
export function createJson({ out }: { readonly out: Output }): Reporter {
  return {
    report(event) {
      const { type, time, ...rest } = event
      out.write(`${JSON.stringify({ type, time, ...rest })}\n`)
    },
    close: () => Promise.resolve(),
  }
}
