import { ConfigError } from '../model/error.ts'
import type { Issue } from '../model/issue.ts'
import { renderPlace } from './place.ts'
import { readText } from './read-text.ts'

/** A YAML or JSON file: its values, and where each of them stands. */
export interface Document {
  readonly value: unknown
  /** One-based line of the value at a path, or of the deepest part of the path that is there. */
  readonly lineOf: (path: readonly string[]) => number | undefined
}

/** How often anchors may be used: a few lines of YAML could otherwise fill the memory. */
const MOST_ALIASES = 100

function refuse(file: string, issues: readonly Issue[]): ConfigError {
  const [first] = issues
  return new ConfigError(`${renderPlace(file, first?.line)}: ${first?.message ?? 'it cannot be read'}`, {
    hint: 'correct the line; indentation, quotes and brackets are the usual suspects',
    issues: issues.length > 1 ? issues : [],
  })
}

function checkJson(file: string, text: string): void {
  try {
    JSON.parse(text)
  } catch (cause) {
    const message = (cause as Error).message
    const at = /position (\d+)/.exec(message)?.[1]
    const line = at === undefined ? undefined : text.slice(0, Number(at)).split('\n').length
    throw refuse(file, [
      { path: '', message: `it is not JSON: ${message}`, file, ...(line === undefined ? {} : { line }) },
    ])
  }
}

/** Reads a YAML or JSON file (by its ending). Throws a `ConfigError` with the line where it cannot be read. */
export async function readDocument(file: string): Promise<Document> {
  const text = (await readText(file)).replace(/^\uFEFF/, '')
  if (file.endsWith('.json')) checkJson(file, text)
  const { isCollection, isNode, LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const issues = [...document.errors, ...document.warnings].map(({ message, pos }): Issue => ({
    path: '',
    message: message.startsWith('Map keys must be unique') ? 'the same key stands here twice' : message,
    file,
    line: lines.linePos(pos[0]).line,
  }))
  if (issues.length > 0) throw refuse(file, issues)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES })
  } catch (cause) {
    throw refuse(file, [{ path: '', message: (cause as Error).message, file }])
  }
  return {
    value,
    lineOf(path) {
      let line: number | undefined
      for (let depth = 0; depth <= path.length; depth++) {
        const parent: unknown =
          depth === 0 ? document.contents : document.getIn(path.slice(0, depth - 1), true)
        const key = path[depth - 1]
        // The line of the key is where a person looks, not the line where its value begins.
        const pair =
          isCollection(parent) && key !== undefined
            ? parent.items.find(
                (item) => 'key' in (item as object) && keyOf((item as { key: unknown }).key) === key,
              )
            : undefined
        const node =
          pair === undefined ? document.getIn(path.slice(0, depth), true) : (pair as { key: unknown }).key
        if (!isNode(node) || node.range === null || node.range === undefined) break
        line = lines.linePos(node.range[0]).line
      }
      return line
    },
  }
}

function keyOf(key: unknown): string {
  return String(typeof key === 'object' && key !== null && 'value' in key ? key.value : key)
}
