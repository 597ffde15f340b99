import type { HumanTask } from '#sdk'

import type { VseEstate, VseNode } from './levels.ts'

// What a person has to do for steps 2 and 3, which no public API offers.

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
