import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import { ModuleError } from '../../model/error.ts'
import type { Authority } from '../authority.ts'
import type { LabTenant } from '../zia/tenant.ts'

/** Members carry no time of their own, so that the same certificate is the same file again. */
const EPOCH = '1990-01-01T00:00:00'

/**
 * Does what Download does in the portal's SSL Certificate column: writes the bundle of one instance as a ZIP file. It is
 * unique per instance and the same again when asked again; an instance that ZIA does not know has none.
 */
export async function writeCertificate(
  node: string,
  path: string,
  { tenant, authority }: { readonly tenant: LabTenant; readonly authority: Authority },
): Promise<void> {
  const id = tenant.instanceId(node)
  if (id === undefined) {
    throw new ModuleError(`the portal lists no Virtual Service Edge “${node}”, so there is no certificate`, {
      hint: 'add the instance first (step 1)',
    })
  }
  const { certificate, key, serial } = await authority.issue({
    commonName: node,
    names: [`vse-${id}.${tenant.cloud}.net`],
  })
  await tenant.registerCertificate(serial, id)
  const { zipSync, strToU8 } = await import('fflate')
  const files = { 'certificate.pem': certificate, 'key.pem': key, 'ca.pem': authority.pem }
  const members = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))
  const zip = zipSync(members, { mtime: EPOCH })
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.part`, zip)
  await rename(`${path}.part`, path)
}
