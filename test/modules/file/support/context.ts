import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { zipSync } from 'fflate'
import { afterAll } from 'vitest'

/** A folder of the test's own, gone afterwards. */
export async function createFolder(): Promise<{
  write(name: string, content: Uint8Array | string): Promise<string>
  readonly path: string
}> {
  const path = await mkdtemp(join(tmpdir(), 'files-'))
  afterAll(() => rm(path, { recursive: true, force: true }))
  return {
    path,
    async write(name, content) {
      const file = join(path, name)
      await writeFile(file, content)
      return file
    },
  }
}

/** What the engine hands to a check, with what the check told it. */
export function createContext<P>(params: P, signal = new AbortController().signal) {
  const warnings: string[] = []
  const progress: unknown[] = []
  return {
    connection: undefined,
    params,
    target: 'fra-1-a',
    signal,
    clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
    progress: (step: unknown) => void progress.push(step),
    warn: (message: string) => void warnings.push(message),
    recall: () => undefined,
    remember: () => Promise.resolve(),
    warnings,
    steps: progress,
  }
}

/** A ZIP file with these texts. */
export function zip(files: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  return zipSync(
    Object.fromEntries(
      Object.entries(files).map(([name, content]) => [
        name,
        typeof content === 'string' ? Buffer.from(content) : content,
      ]),
    ),
  )
}
