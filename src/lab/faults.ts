import { FAULTS } from './appliance/faults.ts'
import type { Lab } from './lab.ts'
import type { LabVCenter } from './vcenter/vcenter.ts'

const BY_HAND = 'promiscuous-reject'

/** What can be broken in the lab, by name, and what each of it is. */
export const LAB_FAULTS = {
  ...FAULTS,
  [BY_HAND]: 'somebody with a vSphere client lets the appliances’ port group reject promiscuous mode',
} as const

export type LabFaultName = keyof typeof LAB_FAULTS

/** What is to be broken or mended, and where: in every machine where no target is named. */
export interface LabFault {
  /** None: everything, which can only be mended. */
  readonly name: LabFaultName | undefined
  /** Name of a machine. */
  readonly target: string | undefined
}

/** Breaks something in the lab, and says in words what. It is on disk when the promise resolves. */
export async function breakLab(
  lab: Lab,
  { name, target }: LabFault & { readonly name: LabFaultName },
): Promise<string> {
  const where = target ?? 'every appliance'
  if (name !== BY_HAND) {
    await lab.yard.faults.inject(name, { machine: target })
    return `${name} strikes ${where}.`
  }
  const groups = await setPromiscuous(lab, { target, accept: false })
  return `Rejecting promiscuous mode now: ${groups.join(', ') || 'no port group, for there is no appliance'}.`
}

/** Takes back what was broken in the lab. */
export async function mendLab(lab: Lab, { name, target }: LabFault): Promise<string> {
  if (name === BY_HAND || name === undefined) await setPromiscuous(lab, { target, accept: true })
  if (name !== BY_HAND) await lab.yard.faults.clear(name, { machine: target })
  return `Mended in ${target ?? 'every appliance'}.`
}

interface Setting {
  readonly target: string | undefined
  readonly accept: boolean
}

async function setPromiscuous({ vcenters }: Lab, setting: Setting): Promise<readonly string[]> {
  const named = await Promise.all(vcenters.map((vcenter) => setOn(vcenter, setting)))
  return named.flat()
}

async function setOn(vcenter: LabVCenter, { target, accept }: Setting): Promise<readonly string[]> {
  const { host, vms } = vcenter.status()
  const machines = vms.filter(({ name }) => target === undefined || name === target)
  const groups = [...new Set(machines.flatMap(({ networks }) => networks))]
  for (const group of groups) await vcenter.setPolicy(group, { promiscuous: accept })
  return groups.map((group) => `port group ${group} of ${host}`)
}
