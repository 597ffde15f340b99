import { access } from 'node:fs/promises'

import type { SeedDownload } from '../model/lab-seed.ts'
import type { Operator } from '../model/operator.ts'

/** How the lab's portal hands out a download: writes it where the person wants it. */
export type Fetch = (download: SeedDownload) => Promise<void>

/** Who the lab's person is to be. */
export interface PersonOptions {
  /** Every file that somebody could be asked for. */
  readonly downloads: readonly SeedDownload[]
  readonly fetch: Fetch
}

/**
 * The person of the lab: downloads what is asked for from the lab's portal, as a careful administrator would — never over
 * a file that is there already — and agrees to everything else. What is to be agreed to by typing is left to whoever sits at the
 * keyboard: a rehearsal of that is worth something only if it is one.
 */
export function createPerson({ downloads, fetch }: PersonOptions): Operator {
  return {
    isAsked: false,
    isAskedToType: false,
    async perform({ awaits, types }) {
      if (types !== undefined) return false
      const download = downloads.find(({ path }) => path === awaits)
      if (download !== undefined && !(await isThere(download.path))) await fetch(download)
      return true
    },
    confirm: () => Promise.resolve('all'),
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
