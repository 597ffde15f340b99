import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/**
 * Every file that a type check read, relative to its project, with its content’s SHA-256: also those that are only imported
 * for their types.
 */
export type CheckedTypes = Readonly<Record<string, string>>

/** Whether a check of a project that passed, kept at `path`, still says something: every file it read is as it was. */
export async function isStillChecked(path: string, root: string): Promise<boolean> {
  const kept = await readKept(path)
  if (kept === undefined) return false
  const now = await Promise.all(
    Object.keys(kept).map((file) => hashFile(join(root, file)).catch(() => undefined)),
  )
  return Object.values(kept).every((hash, index) => hash === now[index])
}

/** Keeps at `path` that these files of a project passed. */
export async function writeChecked(
  path: string,
  { root, files }: { readonly root: string; readonly files: readonly string[] },
): Promise<void> {
  const hashed = await Promise.all(
    files.map(async (file) => [relative(root, file), await hashFile(file)] as const),
  )
  await writeFile(path, JSON.stringify(Object.fromEntries(hashed) satisfies CheckedTypes))
}

async function readKept(path: string): Promise<CheckedTypes | undefined> {
  try {
    const kept: unknown = JSON.parse(await readFile(path, 'utf8'))
    return typeof kept === 'object' && kept !== null ? (kept as CheckedTypes) : undefined
  } catch {
    // There is none, or it was cut off: the files are checked again.
    return undefined
  }
}

async function hashFile(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
}
