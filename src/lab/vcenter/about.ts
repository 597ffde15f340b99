import type { Input } from '../../connect/govmomi/schema/values.ts'
import { chooseUuid } from './identity.ts'
import type { World } from './model/world.ts'

/** What a server says about itself. */
export function describeAbout({ seed }: World): Input<'AboutInfo'> {
  const name = seed.kind === 'esxi' ? 'VMware ESXi' : 'VMware vCenter Server'
  return {
    name,
    fullName: `${name} 8.0.3 build-24022510`,
    vendor: 'VMware, Inc.',
    version: '8.0.3',
    build: '24022510',
    osType: seed.kind === 'esxi' ? 'vmnix-x86' : 'linux-x64',
    productLineId: seed.kind === 'esxi' ? 'embeddedEsx' : 'vpx',
    apiType: seed.kind === 'esxi' ? 'HostAgent' : 'VirtualCenter',
    apiVersion: '8.0.3.0',
    ...(seed.kind === 'vcenter' && { instanceUuid: chooseUuid(`vcenter/${seed.host}`, () => false) }),
  }
}
