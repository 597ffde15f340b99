import type { Input } from '../../../connect/govmomi/schema/values.ts'
import { faults, toLocalizedFault } from '../model/method-fault.ts'
import { parseOvf } from './descriptor.ts'

/** Says what is in a descriptor before anything is made of it; what is wrong with it stands in the answer. */
export function describeDescriptor(text: string): Input<'OvfParseDescriptorResult'> {
  const parsed = parseOvf(text)
  const empty = { annotation: '', virtualApp: false, defaultDeploymentOption: '' }
  if ('problem' in parsed) {
    return { ...empty, defaultEntityName: '', error: [toLocalizedFault(faults.ovf(parsed.problem))] }
  }
  const flat = parsed.disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0)
  const sent = parsed.disks.reduce((sum, { file }) => sum + (file?.size ?? 0), 0)
  return {
    ...empty,
    network: parsed.networks.map((name) => ({ name, description: name })),
    approximateDownloadSize: BigInt(sent),
    approximateFlatDeploymentSize: BigInt(flat),
    approximateSparseDeploymentSize: BigInt(sent),
    defaultEntityName: parsed.name,
  }
}
