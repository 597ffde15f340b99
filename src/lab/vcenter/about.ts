import type { Input } from '../../connect/govmomi/schema/values.ts'
import type { SeedVCenter } from '../../model/lab-seed.ts'
import { chooseUuid } from './identity.ts'
import type { World } from './model/world.ts'

/** What a server says about itself. */
export function describeAbout({ seed }: World): Input<'AboutInfo'> {
  const about = describeProduct(seed.kind, seed.kind === 'esxi' ? seed.hosts[0]?.version : undefined)
  if (seed.kind === 'esxi') return about
  return { ...about, instanceUuid: chooseUuid(`vcenter/${seed.host}`, () => false) }
}

/** The release that a vCenter or host of the lab runs. */
export function describeProduct(kind: SeedVCenter['kind'], version = '8.0.3'): Input<'AboutInfo'> {
  const name = kind === 'esxi' ? 'VMware ESXi' : 'VMware vCenter Server'
  return {
    name,
    fullName: `${name} ${version} build-24022510`,
    vendor: 'VMware, Inc.',
    version,
    build: '24022510',
    osType: kind === 'esxi' ? 'vmnix-x86' : 'linux-x64',
    productLineId: kind === 'esxi' ? 'embeddedEsx' : 'vpx',
    apiType: kind === 'esxi' ? 'HostAgent' : 'VirtualCenter',
    apiVersion: `${version}.0`,
  }
}
