import type { HumanTask } from '#sdk'

import type { VseEstate, VseNode } from './levels.ts'
import { listNodes } from './walk.ts'

// What a person has to do for steps 2 and 3, which no public API offers, and where else its files may come from.

const MINUTE = 60_000

/** Step 2: the certificate of one node. */
export function askForCertificate({ name, certificate }: VseNode): HumanTask {
  return {
    title: `Download the certificate of ${name}`,
    instructions: [
      'in the Admin Portal, go to Infrastructure > Internet & SaaS > Traffic Forwarding > Virtual Service Edges',
      `in the row of ${name}, column SSL Certificate, click Download`,
      `put the ZIP at ${certificate.path}`,
    ],
    awaits: certificate.path,
  }
}

/** Step 3: the image that every VM is deployed from. */
export function askForImage({ image }: VseEstate): HumanTask {
  return {
    title: 'Download the Virtual Service Edge VM',
    instructions: [
      'in the Admin Portal, go to Infrastructure > Internet & SaaS > Traffic Forwarding > Virtual Service Edges',
      'click Download Virtual Service Edge VM',
      `put the OVA at ${image.path}`,
    ],
    awaits: image.path,
  }
}

/** The folder that is watched for a node's certificate, or for the image, in the words of the modules; none where none is named. */
export function inboxOf(estate: VseEstate, node?: VseNode) {
  if (estate.downloads === undefined) return undefined
  const { folder, files, minutes } = estate.downloads
  const nodes = listNodes(estate).map((placed) => placed.node.name)
  const wanted =
    node === undefined
      ? ({ kind: 'image', path: estate.image.path, nodes, match: files } as const)
      : ({ kind: 'certificate', path: node.certificate.path, node: node.name, nodes, match: files } as const)
  return { folder: folder.path, patience: minutes * MINUTE, wanted }
}
