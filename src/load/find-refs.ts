import { FileRef } from '../model/file-ref.ts'
import { Secret } from '../model/secret.ts'

/** A file or a secret that the variables of an inventory refer to, and where. */
export interface FoundRef<T> {
  readonly ref: T
  readonly path: readonly string[]
}

/** The levels below, which stand in the checked tree as lists of named things. */
const BELOW = new Set(['sites', 'clusters', 'nodes'])

function nameOf(entry: unknown, index: number): string {
  return typeof entry === 'object' && entry !== null && 'name' in entry ? String(entry.name) : String(index)
}

/** Every file and every secret in a checked tree, with the path a person would write. */
export function findRefs(tree: unknown): {
  readonly files: readonly FoundRef<FileRef>[]
  readonly secrets: readonly FoundRef<Secret>[]
} {
  const files: FoundRef<FileRef>[] = []
  const secrets: FoundRef<Secret>[] = []
  const visit = (value: unknown, path: readonly string[]): void => {
    if (value instanceof FileRef) files.push({ ref: value, path })
    else if (value instanceof Secret) secrets.push({ ref: value, path })
    else if (Array.isArray(value)) {
      const named = BELOW.has(path.at(-1) ?? '')
      for (const [index, entry] of value.entries())
        visit(entry, [...path, named ? nameOf(entry, index) : String(index)])
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, entry] of Object.entries(value)) visit(entry, [...path, key])
    }
  }
  visit(tree, [])
  return { files, secrets }
}

/** Freezes a checked tree all the way down; files and secrets have a life of their own. */
export function freezeTree<T>(tree: T): T {
  if (typeof tree !== 'object' || tree === null || tree instanceof FileRef || tree instanceof Secret)
    return tree
  for (const entry of Object.values(tree)) freezeTree(entry)
  return Object.freeze(tree)
}
