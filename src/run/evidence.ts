import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import type { Evidence } from '../connect/evidence.ts'

/** What one run keeps of what was said to its nodes and seen of them. */
export interface RunEvidence {
  of(this: void, node: string): Evidence
  /** Resolves when all of it is on disk. What could not be written is not there: it never stops a run. */
  settled(): Promise<void>
}

/** Characters of one node’s transcript, and pictures of its screen: more than that is a loop, and no evidence. */
const LONGEST = 1024 * 1024
const MOST_PICTURES = 20

/**
 * Keeps `transcripts/<node>.txt` and `screens/<node>-<n>.png` in the folder of a run, readable by its user alone. Text goes
 * through `redact` on the way.
 */
export function createEvidence(
  folder: string,
  { redact }: { readonly redact: (text: string) => string },
): RunEvidence {
  const kept = new Map<string, Evidence>()
  const writing = new Map<string, Promise<unknown>>()

  /** One after the other for each file. */
  function write(path: string, put: () => Promise<void>): Promise<void> {
    const earlier = writing.get(path) ?? mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const mine = earlier.catch(() => undefined).then(put)
    writing.set(path, mine)
    return mine
  }

  function open(node: string): Evidence {
    const file = node.replaceAll(/[^\w.-]/g, '_')
    const transcript = join(folder, 'transcripts', `${file}.txt`)
    let length = 0
    let pictures = 0
    return {
      said(text) {
        if (length >= LONGEST) return
        const clean = redact(text)
        const rest = LONGEST - length
        length += clean.length
        const part = clean.length < rest ? clean : `${clean.slice(0, rest)}\n… the rest is left out\n`
        write(transcript, () => appendFile(transcript, part, { mode: 0o600 })).catch(() => undefined)
      },
      async seen(picture) {
        pictures = Math.min(pictures + 1, MOST_PICTURES)
        const path = join(folder, 'screens', `${file}-${pictures}.png`)
        await write(path, () => writeFile(path, picture, { mode: 0o600 }))
        return path
      },
    }
  }

  return {
    of(node) {
      const evidence = kept.get(node) ?? open(node)
      kept.set(node, evidence)
      return evidence
    },
    async settled() {
      await Promise.allSettled(writing.values())
    },
  }
}
