import { ModuleError } from '../model/error.ts'
import { FAULTS, noAppliance } from './appliance/faults.ts'
import type { Lab } from './lab.ts'
import { VCENTER_FAULTS, type VCenterFaultName } from './vcenter/model/named-faults.ts'
import type { LabVCenter } from './vcenter/vcenter.ts'
import { isLasting, TENANT_FAULTS, type TenantFaultName } from './zia/faults.ts'
import type { LabTenant } from './zia/tenant.ts'

const BY_HAND = 'promiscuous-reject'

type VSphereFaults = { readonly [N in VCenterFaultName as `vsphere-${N}`]: string }

const VSPHERE_FAULTS = Object.fromEntries(
  Object.entries(VCENTER_FAULTS).map(([name, meaning]) => [`vsphere-${name}`, `vCenter: ${meaning}`]),
) as VSphereFaults

type ZiaFaults = { readonly [N in TenantFaultName as `zia-${N}`]: string }

const ZIA_FAULTS = Object.fromEntries(
  Object.entries(TENANT_FAULTS).map(([name, meaning]) => [`zia-${name}`, `ZIA: ${meaning}`]),
) as ZiaFaults

/** What can be broken in the lab, by name, and what each of it is. */
export const LAB_FAULTS = {
  ...FAULTS,
  [BY_HAND]: 'somebody with a vSphere client lets the appliances’ port group reject promiscuous mode',
  ...VSPHERE_FAULTS,
  ...ZIA_FAULTS,
} as const

export type LabFaultName = keyof typeof LAB_FAULTS

/** What is to be broken or mended, and where: in every machine, vCenter or tenant, where no target is named. */
export interface LabFault {
  /** None: everything, which can only be mended. */
  readonly name: LabFaultName | undefined
  /** Name of a machine; of a vCenter, or of a tenant's cloud or API host, for what befalls that. */
  readonly target: string | undefined
}

/** Breaks something in the lab, and says in words what. It is on disk when the promise resolves. */
export async function breakLab(
  lab: Lab,
  { name, target }: LabFault & { readonly name: LabFaultName },
): Promise<string> {
  if (isVSphere(name)) {
    const servers = selectVCenters(lab, target)
    for (const { faults } of servers) faults.inject(VSPHERE_NAMES[name])
    await Promise.all(servers.map((vcenter) => vcenter.settled()))
    return `${name} strikes ${target ?? 'every vCenter'} at the next occasion.`
  }
  if (isZia(name)) {
    const tenants = selectTenants(lab, target)
    for (const { faults } of tenants) faults.inject(ZIA_NAMES[name])
    await Promise.all(tenants.map(({ faults }) => faults.settled()))
    const when = isLasting(ZIA_NAMES[name]) ? 'until it is mended' : 'at the next occasion'
    return `${name} strikes ${target ?? 'every tenant'} ${when}.`
  }
  if (name !== BY_HAND) {
    await lab.yard.faults.inject(name, { machine: target })
    return `${name} strikes ${target ?? 'every appliance'}.`
  }
  const groups = await setPromiscuous(lab, { target, accept: false })
  if (groups.length === 0) throw noAppliance(target)
  return `Rejecting promiscuous mode now: ${groups.join(', ')}.`
}

/** Takes back what was broken in the lab. */
export async function mendLab(lab: Lab, { name, target }: LabFault): Promise<string> {
  if (name !== undefined && isVSphere(name)) {
    await mendVCenters(selectVCenters(lab, target), VSPHERE_NAMES[name])
    return `Mended in ${target ?? 'every vCenter'}.`
  }
  if (name !== undefined && isZia(name)) {
    await mendTenants(selectTenants(lab, target), ZIA_NAMES[name])
    return `Mended in ${target ?? 'every tenant'}.`
  }
  if (name === BY_HAND || name === undefined) await setPromiscuous(lab, { target, accept: true })
  if (name === undefined && target === undefined) {
    await mendVCenters(lab.vcenters, undefined)
    await mendTenants(lab.tenants, undefined)
  }
  if (name !== BY_HAND) await lab.yard.faults.clear(name, { machine: target })
  return `Mended in ${target ?? 'every appliance'}.`
}

const VSPHERE_NAMES = Object.fromEntries(
  Object.keys(VCENTER_FAULTS).map((name) => [`vsphere-${name}`, name]),
) as Readonly<Record<keyof VSphereFaults, VCenterFaultName>>

const ZIA_NAMES = Object.fromEntries(
  Object.keys(TENANT_FAULTS).map((name) => [`zia-${name}`, name]),
) as Readonly<Record<keyof ZiaFaults, TenantFaultName>>

const isZia = (name: LabFaultName): name is keyof ZiaFaults => Object.hasOwn(ZIA_NAMES, name)

const isVSphere = (name: LabFaultName): name is keyof VSphereFaults => Object.hasOwn(VSPHERE_NAMES, name)

function selectVCenters({ vcenters }: Lab, target: string | undefined): readonly LabVCenter[] {
  const chosen = vcenters.filter((vcenter) => target === undefined || vcenter.status().host === target)
  if (chosen.length > 0) return chosen
  throw new ModuleError(`the lab has no vCenter or host “${target ?? ''}”`, {
    hint: `it has ${vcenters.map((vcenter) => vcenter.status().host).join(', ')}`,
  })
}

async function mendVCenters(
  vcenters: readonly LabVCenter[],
  name: VCenterFaultName | undefined,
): Promise<void> {
  for (const { faults } of vcenters) faults.clear(name)
  await Promise.all(vcenters.map((vcenter) => vcenter.settled()))
}

function selectTenants({ tenants }: Lab, target: string | undefined): readonly LabTenant[] {
  const chosen = tenants.filter(
    ({ cloud, host }) => target === undefined || cloud === target || host === target,
  )
  if (chosen.length > 0) return chosen
  throw new ModuleError(`the lab has no ZIA tenant “${target ?? ''}”`, {
    hint: `it has ${tenants.map(({ host, cloud }) => `${host} (${cloud})`).join(', ')}`,
  })
}

async function mendTenants(tenants: readonly LabTenant[], name: TenantFaultName | undefined): Promise<void> {
  for (const { faults } of tenants) faults.clear(name)
  await Promise.all(tenants.map(({ faults }) => faults.settled()))
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
