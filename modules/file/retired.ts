import { rename, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'

import { z } from 'zod'

import { defineModule, ModuleError, type Change } from '#sdk'

import { explainMissing, readHash } from './keep.ts'

/** Whether a file is still where it would be used, and what is in it. */
type Facts = { readonly sha256: string | null }

/** Where a file goes that is of no more use: beside where it was, under a name that says what it is. */
const asideOf = (path: string, sha256: string): string => `${path}.${sha256.slice(0, 8)}.retired`

/** Puts a file aside that must not be used again, such as the certificate of an instance that is gone. Nothing is deleted. */
export const retired = defineModule({
  name: 'file/retired',
  summary: 'A file that is of no more use is put aside, so that the next run asks for a new one.',
  connection: 'none',
  params: z.strictObject({
    path: z
      .string()
      .refine(isAbsolute, 'is not an absolute path')
      .meta({ description: 'the file, absolute' }),
  }),
  absent: { sha256: null },

  async read({ params: { path }, signal }): Promise<Facts> {
    const isThere = await stat(path).then(
      () => true,
      (error: unknown) => {
        if (explainMissing(error) === 'there is no such file') return false
        throw new ModuleError(`${path} cannot be looked at: ${explainMissing(error)}`, { cause: error })
      },
    )
    return { sha256: isThere ? await readHash({ path, signal }) : null }
  },

  diff: ({ sha256 }, { path }): readonly Change[] =>
    sha256 === null ? [] : [{ path: 'file', from: path, to: asideOf(path, sha256) }],

  async apply({ params: { path }, facts: { sha256 } }) {
    if (sha256 !== null) await rename(path, asideOf(path, sha256))
  },
})
