import { StateError } from '../model/error.ts'

/** What a disk says, and what whoever runs it does about that. */
const TROUBLES: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOSPC: ['there is no space left', 'make room on that disk; then run the same command again'],
  EDQUOT: ['your quota is used up', 'make room, or have the quota raised; then run the same command again'],
  EACCES: [
    'you may not write there',
    'it may belong to somebody else, as after a run with sudo: have it given to you, and run the same command again',
  ],
  EPERM: ['you may not write there', 'look whose it is, and run the same command again'],
  EROFS: ['the disk can only be read', 'make it writable, or work in another folder'],
  EIO: ['the disk is failing', 'look at the disk before anything else; then run the same command again'],
}

/** What nobody meets but who writes. */
const OF_WRITING: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EROFS'])

function explain(cause: unknown, path: string): StateError | undefined {
  const trouble = TROUBLES[(cause as NodeJS.ErrnoException).code ?? '']
  if (trouble === undefined) return undefined
  const [what, hint] = trouble
  return new StateError(`${path} cannot be written: ${what}`, { hint, cause })
}

/**
 * Writes below our own folders, or whatever else `work` does there. Trouble with the disk is told as a `StateError` that
 * names `path`; everything else stays what it is.
 */
export async function writeState<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw explain(cause, path) ?? cause
  }
}

/** The trouble with the disk that an error tells of, whoever wrote there; nothing for any other error. */
export function explainDisk(error: unknown): StateError | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, path } = error as NodeJS.ErrnoException
  return OF_WRITING.has(code) ? explain(error, path ?? 'a file of this run') : undefined
}
