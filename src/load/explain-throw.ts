import { readFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'

import { ConfigError, RunbookError } from '../model/error.ts'
import type { CachedBundle } from './cache.ts'
import { renderPath, renderPlace } from './place.ts'

interface Place {
  readonly file: string
  readonly line: number
}

const FRAME = /((?:file:\/\/)?\/[^\s()]+):(\d+):(\d+)\)?$/

function toPath(text: string): string {
  return text.startsWith('file://') ? fileURLToPath(text) : text
}

/** Where in the user's own files an error was thrown, by its stack and the bundle's source map. */
async function findPlace(thrown: Error, { output, inputs }: CachedBundle): Promise<Place | undefined> {
  const text = await readFile(`${output}.map`, 'utf8').catch(() => undefined)
  const map =
    text === undefined
      ? undefined
      : new SourceMap(JSON.parse(text) as ConstructorParameters<typeof SourceMap>[0])
  for (const frame of (thrown.stack ?? '').split('\n')) {
    const [, file, line, column] = FRAME.exec(frame.trim()) ?? []
    if (file === undefined) continue
    const path = toPath(file.replace(/\?.*$/, ''))
    if (inputs.includes(path)) return { file: path, line: Number(line) }
    if (path !== output || map === undefined) continue
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1)
    if ('originalSource' in entry) return { file: toPath(entry.originalSource), line: entry.originalLine + 1 }
  }
  return undefined
}

/** What a file threw while it was loaded, as an error that names file and line. */
export async function explainThrow(
  path: string,
  bundle: CachedBundle,
  thrown: unknown,
): Promise<ConfigError> {
  if (!(thrown instanceof Error)) {
    return new ConfigError(`${renderPath(path)}: it threw ${String(thrown)} while it was loaded`, {
      hint: 'an inventory or runbook only describes; remove what throws',
      cause: thrown,
    })
  }
  const place = await findPlace(thrown, bundle)
  const where = place === undefined ? renderPath(path) : renderPlace(place.file, place.line)
  const missing = /^Cannot find package '([^']+)'/.exec(thrown.message)?.[1]
  if (missing !== undefined) {
    return new ConfigError(`${where}: it imports the package “${missing}”, which is not installed`, {
      hint: `npm install ${missing}`,
      cause: thrown,
    })
  }
  const missingExport = /does not provide an export named '([^']+)'/.exec(thrown.message)?.[1]
  if (missingExport !== undefined) {
    return new ConfigError(`${where}: it imports “${missingExport}” from a module that has no such export`, {
      hint: 'correct the name in the import',
      cause: thrown,
    })
  }
  const hint = thrown instanceof RunbookError ? thrown.hint : undefined
  return new ConfigError(`${where}: ${thrown.message}`, {
    hint: hint ?? 'the file threw this while it was loaded; correct the line',
    cause: thrown,
  })
}
