import { X509Certificate } from 'node:crypto'

import type { LabNetwork } from '../network.ts'
import type { ServerDoor } from './door.ts'
import type { Uploads } from './model/uploads.ts'
import type { World } from './model/world.ts'

/** Serves every host's datastores under the host's own name, where that name is free in the lab. */
export async function openUploads(
  { seed, inventory }: World,
  around: { readonly door: ServerDoor; readonly network: LabNetwork; readonly certificate: string },
): Promise<Uploads> {
  const thumbprint = new X509Certificate(around.certificate).fingerprint
  const own = `https://${seed.host}${seed.port === 443 ? '' : `:${seed.port}`}`
  const origins = new Map<string, string>()
  for (const host of seed.kind === 'vcenter' ? inventory.hosts : []) {
    const address = { host: host.seed.name, port: 443 }
    if (around.network.isTaken(address) || address.host === seed.host) continue
    await around.door.listen(address)
    origins.set(host.state.moid, `https://${address.host}`)
  }
  return {
    to: (host) => ({
      // A host that is asked directly does not know by which name.
      origin: seed.kind === 'esxi' ? 'https://*' : (origins.get(host) ?? own),
      thumbprint,
    }),
  }
}
