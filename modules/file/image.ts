import { isAbsolute } from 'node:path'

import { z } from 'zod'

import { type Change, defineModule, inspectOva } from '#sdk'

import { explainMissing, keepLook, readHash } from './keep.ts'

const params = z.strictObject({
  path: z.string().refine(isAbsolute, 'is not an absolute path').meta({ description: 'the OVA, absolute' }),
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'is not a SHA-256')
    .optional()
    .meta({ description: 'what its SHA-256 must be, where somebody wrote it down' }),
})

/** What the image is. */
export interface ImageFacts {
  readonly exists: boolean
  /** Only where somebody said what it must be. */
  readonly sha256: string | undefined
  /** Everything that is wrong with it, as clauses. */
  readonly problems: readonly string[]
}

/** Looks whether an OVA opens and its manifest holds, once for as long as it stays the same. */
export const readImage = keepLook(({ path, signal, onBytes }) => inspectOva(path, { signal, onBytes }))

const ABSENT: ImageFacts = { exists: false, sha256: undefined, problems: ['there is no such file'] }

/** Checks the VM image of step 3. A person downloads it, so that it is not there yet is a normal finding. */
export const image = defineModule({
  name: 'file/image',
  summary: 'The VM image is there, opens as an OVA with a descriptor, and its manifest holds.',
  connection: 'none',
  params,
  absent: ABSENT,

  async read(context): Promise<ImageFacts> {
    const { params: wanted, signal } = context
    const { path } = wanted
    const onBytes = (done: number, total: number): void =>
      context.progress({ done, total, unit: 'bytes', text: 'reading the image' })
    try {
      const { problems, hasManifest } = await readImage({ path, signal, onBytes })
      if (!hasManifest) context.warn(`${path} has no complete manifest, so nothing tells whether it is whole`)
      const sha256 = wanted.sha256 === undefined ? undefined : await readHash({ path, signal })
      return { exists: true, sha256, problems }
    } catch (error) {
      signal.throwIfAborted()
      return { ...ABSENT, problems: [explainMissing(error)] }
    }
  },

  diff({ exists, sha256, problems }, { path, sha256: wanted }): readonly Change[] {
    if (!exists) {
      return [
        { path: 'image', from: undefined, to: path, note: `${path} cannot be read: ${problems.join('; ')}` },
      ]
    }
    const changes = problems.map((problem): Change => ({
      path: 'image',
      from: problem,
      to: 'the OVA of the portal',
      note: `${path} cannot be deployed: ${problem}; download it again`,
    }))
    if (wanted === undefined || wanted.toLowerCase() === sha256) return changes
    const note = `${path} is another image than the one that was wanted`
    return [...changes, { path: 'image.sha256', from: sha256, to: wanted.toLowerCase(), note }]
  },

  hint: (_, { path }) =>
    `download the VM in the Admin Portal, put the OVA at ${path}, and run the same command again`,
})
