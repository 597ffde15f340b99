import { dirname, join, resolve } from 'node:path'

import type { FileRef } from '../model/file-ref.ts'
import type { FoundRef } from './find-refs.ts'

/** Where a file of a rehearsal lies: below the lab's folder, whatever path the inventory writes. */
function renderLabPath(written: string): string {
  const parts = written.split(/[\\/]+/).filter((part) => part !== '' && part !== '.')
  return join(...parts.map((part) => (part === '..' ? '_up' : part)))
}

/**
 * Fixes the absolute path of every file: relative to the inventory that names it, or, in the lab, below `labFolder`, so
 * that a rehearsal neither needs nor touches real files.
 */
export function anchorFiles(
  files: readonly FoundRef<FileRef>[],
  {
    originOf,
    labFolder,
  }: { readonly originOf: (path: readonly string[]) => string; readonly labFolder: string | undefined },
): void {
  for (const { ref, path } of files) {
    ref.anchor(
      labFolder === undefined
        ? resolve(dirname(originOf(path)), ref.written)
        : join(labFolder, renderLabPath(ref.written)),
    )
  }
}
