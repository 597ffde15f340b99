import { isAbsolute } from 'node:path'

import { z } from 'zod'

import { type Change, defineModule } from '#sdk'

import { isNamed, readNames } from './certificate-names.ts'
import { explainMissing, type Look } from './keep.ts'
import { readZip, type ZipContent } from './zip.ts'

const path = z.string().refine(isAbsolute, 'is not an absolute path')

const params = z.strictObject({
  path: path.meta({ description: 'the ZIP file that the portal offers for this node, absolute' }),
  node: z.string().meta({ description: 'the node whose certificate it is to be' }),
  others: z
    .array(z.strictObject({ node: z.string(), path }))
    .default([])
    .meta({ description: 'the certificate files of the other nodes; each must be another file' }),
})

/** What a certificate bundle holds, beside those of the other nodes. */
export interface BundleFacts {
  /** Why it cannot be used at all, as a clause. */
  readonly problem: string | undefined
  /** Whether there is a file. */
  readonly exists: boolean
  readonly sha256: string | undefined
  /** Nodes whose bundle has the same content. */
  readonly sameAs: readonly string[]
  /** Nodes that the certificates in it name. */
  readonly names: readonly string[]
  /** When the first certificate in it ends, where one is over already. */
  readonly expired: string | undefined
}

async function hashIfThere(look: Look): Promise<string | undefined> {
  // Another node's bundle that is not there yet is that node's finding, not this one's.
  const content = await readZip(look).catch((): ZipContent | undefined => undefined)
  look.signal.throwIfAborted()
  return content?.sha256
}

const ABSENT: BundleFacts = {
  problem: 'there is no such file',
  exists: false,
  sha256: undefined,
  sameAs: [],
  names: [],
  expired: undefined,
}

/**
 * Checks the certificate of step 2 before anything is uploaded: it opens, and it is this node's and nobody else's. A
 * person downloads it, so that it is not there yet is a normal finding.
 */
export const certificateBundle = defineModule({
  name: 'file/certificate-bundle',
  summary: 'The certificate bundle of a node is there, opens as a ZIP file, and is no other node’s.',
  connection: 'none',
  params,
  absent: ABSENT,

  async read({ params: { path: file, node, others }, signal, clock }): Promise<BundleFacts> {
    let content: ZipContent
    try {
      content = await readZip({ path: file, signal })
    } catch (error) {
      signal.throwIfAborted()
      return { ...ABSENT, problem: explainMissing(error) }
    }
    const hashes = await Promise.all(
      others
        .filter((other) => other.node !== node)
        .map(async (other) => ({
          node: other.node,
          sha256: await hashIfThere({ path: other.path, signal }),
        })),
    )
    const certificates = content.certificates
      .map((pem) => readNames(pem))
      .filter((named) => named !== undefined)
    const known = [node, ...others.map((other) => other.node)]
    const over = certificates.find(({ validTo }) => validTo.getTime() < clock.now())
    return {
      problem: content.problem,
      exists: true,
      sha256: content.sha256,
      sameAs: hashes
        .filter(({ sha256 }) => sha256 !== undefined && sha256 === content.sha256)
        .map((other) => other.node),
      names: [...new Set(known.filter((name) => certificates.some(({ subject }) => isNamed(name, subject))))],
      expired: over?.validTo.toISOString().slice(0, 10),
    }
  },

  diff({ problem, exists, sameAs, names, expired }, { path: file, node }): readonly Change[] {
    if (!exists) {
      return [
        {
          path: 'bundle',
          from: undefined,
          to: file,
          note: `${file} cannot be read: ${problem ?? 'it is not there'}`,
        },
      ]
    }
    const changes: Change[] = []
    if (problem !== undefined) {
      changes.push({
        path: 'bundle',
        from: problem,
        to: 'a ZIP file',
        note: `${file} is not the bundle of ${node}: ${problem}`,
      })
    }
    for (const other of sameAs) {
      changes.push({
        path: 'bundle',
        from: `the bundle of ${other}`,
        to: `the bundle of ${node}`,
        note: `the bundle of ${node} is the same file as ${other}’s; download each node’s own`,
      })
    }
    if (names.length > 0 && !names.includes(node)) {
      changes.push({
        path: 'certificate',
        from: names.join(', '),
        to: node,
        note: `the certificate in the bundle of ${node} was issued for ${names.join(', ')}`,
      })
    }
    if (expired !== undefined) {
      changes.push({
        path: 'certificate.validTo',
        from: expired,
        to: 'a date to come',
        note: `the certificate in the bundle of ${node} was valid until ${expired}`,
      })
    }
    return changes
  },

  hint: (_, { path: file, node }) =>
    `download the certificate of ${node} in the Admin Portal, put the ZIP at ${file}, and run the same command again`,
})
