import type { InventoryRule } from '#sdk'

import type { VseLevels } from '../levels.ts'
import { listNodes } from '../walk.ts'

/** A certificate authenticates one appliance. Whether two files have the same content is checked when they are there. */
export const certificates: InventoryRule<VseLevels> = {
  summary: 'Every node has a certificate file of its own.',
  check(estate, report) {
    const owners = new Map<string, string>()
    for (const { node, path } of listNodes(estate)) {
      const owner = owners.get(node.certificate.path)
      owners.set(node.certificate.path, owner ?? node.name)
      if (node.certificate.path === estate.image.path) {
        report({
          path: `${path}.certificate`,
          message: `${node.certificate.written} is the VM image, not a certificate`,
          rule: 'S-059',
          hint: `write the ZIP file that the portal offers for ${node.name}`,
        })
      }
      if (owner === undefined) continue
      report({
        path: `${path}.certificate`,
        message: `${node.certificate.written} is already the certificate of ${owner}`,
        rule: 'S-059',
        hint: `download the certificate of ${node.name} and save it under a name of its own`,
      })
    }
  },
}
