import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

import { ConfigError } from '../model/error.ts'
import { nearestName } from '../model/nearest.ts'
import { renderPath } from './place.ts'

/** No file that a person writes is larger. */
const MOST_BYTES = 8 * 1024 * 1024

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
}

async function explainRead(path: string, cause: unknown): Promise<ConfigError> {
  const code = (cause as NodeJS.ErrnoException).code ?? ''
  const message = `cannot read ${renderPath(path)}: ${REASONS[code] ?? String(cause)}`
  const names = code === 'ENOENT' ? await readdir(dirname(path)).catch(() => []) : []
  const nearest = nearestName(basename(path), names)
  const hint =
    nearest === undefined
      ? 'name a file that exists and can be read'
      : `did you mean ${renderPath(`${dirname(path)}/${nearest}`)}?`
  return new ConfigError(message, { hint, cause })
}

/** Reads a file that a person wrote. Throws a `ConfigError` where it is not there, not readable, or no text. */
export async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > MOST_BYTES) {
      throw new ConfigError(
        `cannot read ${renderPath(path)}: it has ${size} bytes, more than ${MOST_BYTES}`,
        {
          hint: 'name the file that somebody wrote; this one looks like something else',
        },
      )
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    throw error instanceof ConfigError ? error : await explainRead(path, error)
  }
}
