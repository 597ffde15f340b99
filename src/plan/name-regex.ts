import { createContext, Script } from 'node:vm'

import { UsageError } from '../model/error.ts'

/** Milliseconds for all names together; an honest expression over thousands of names takes a few. */
const PATIENCE = 500

const FILTER =
  'const expression = new RegExp(source, "y"); names.filter((name) => { expression.lastIndex = 0; return expression.test(name) }).join("\\n")'

/**
 * The names that a regular expression fits from their first character on; their end may be left over, as in Ansible. An
 * expression can take exponential time (`(a+)+$`) and nothing in the language stops it, so it runs where it can be
 * stopped: after half a second it is refused with a `UsageError`, like one that cannot be read.
 */
export function matchRegex(source: string, names: readonly string[]): readonly string[] {
  try {
    const fitting: unknown = new Script(FILTER).runInContext(createContext({ source, names }), {
      timeout: PATIENCE,
    })
    const found = new Set(String(fitting).split('\n'))
    return names.filter((name) => found.has(name))
  } catch (cause) {
    // It may come from another realm than this one, so that it is no instance of this one's Error.
    const { code, message } = cause as { readonly code?: unknown; readonly message: string }
    const stopped = code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
    const what = stopped ? `took more than ${PATIENCE} ms` : 'cannot be read'
    const why = stopped ? 'a repetition inside a repetition, as in (a+)+, takes for ever' : message
    throw new UsageError(`the regular expression ~${source} ${what}`, { hint: why, cause })
  }
}
