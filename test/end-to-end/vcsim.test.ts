import { afterAll, beforeAll, expect, it } from 'vitest'

import { openFreshProject, type FreshProject } from '../support/fresh-project.ts'
import { describeWith } from '../support/require-server.ts'
import { readGovc, runGovc } from '../support/vcsim/govc.ts'
import { startVcsim, vcsimAndGovc, type Vcsim } from '../support/vcsim/vcsim.ts'
import { writeEstate } from './vcsim-estate.ts'

/** What govc tells of a virtual machine, as far as it is looked at here. */
interface GovcMachine {
  readonly name: string
  readonly runtime: { readonly powerState: string; readonly host: { readonly value: string } }
  readonly config: {
    readonly memoryReservationLockedToMax?: boolean
    readonly extraConfig: readonly { readonly key: string; readonly value: string }[]
    readonly hardware: {
      readonly numCPU: number
      readonly memoryMB: number
      readonly device: readonly GovcDevice[]
    }
  }
}

interface GovcDevice {
  readonly capacityInKB?: number
  readonly backing?: {
    readonly thinProvisioned?: boolean
    readonly deviceName?: string
    readonly vendorId?: number
    readonly port?: { readonly portgroupKey: string }
  }
}

interface Policy {
  readonly allowPromiscuous: unknown
  readonly macChanges: unknown
  readonly forgedTransmits: unknown
}

const ACCEPT = { allowPromiscuous: true, macChanges: true, forgedTransmits: true }

async function readMachines(server: Vcsim, names: string): Promise<readonly GovcMachine[]> {
  const found = await readGovc<{ virtualMachines: readonly GovcMachine[] | null }>(server.endpoint, [
    'vm.info',
    names,
  ])
  return found.virtualMachines ?? []
}

async function readMachine(server: Vcsim, name: string): Promise<GovcMachine> {
  const machines = await readMachines(server, name)
  expect(machines, `machines called ${name}`).toHaveLength(1)
  return machines[0] as GovcMachine
}

const diskOf = ({ config }: GovcMachine) =>
  config.hardware.device.find(({ capacityInKB }) => capacityInKB !== undefined)

/** The networks of the cards: names of standard port groups, keys of distributed ones. */
const networksOf = ({ config }: GovcMachine): readonly (string | undefined)[] =>
  config.hardware.device
    .filter((device) => 'macAddress' in device)
    .map(({ backing }) => backing?.port?.portgroupKey ?? backing?.deviceName)

describeWith('vcsim', vcsimAndGovc, (program) => {
  let vcenter: Vcsim
  let esxi: Vcsim
  let project: FreshProject
  let inventory: string

  beforeAll(async () => {
    project = await openFreshProject()
    vcenter = await startVcsim(program, { addressed: true })
    esxi = await startVcsim(program, { esx: true, uploadDelay: 1000 })
    inventory = await writeEstate(project.folder, { vcenter, esxi })
  })
  afterAll(async () => {
    await vcenter[Symbol.asyncDispose]()
    await esxi[Symbol.asyncDispose]()
    await project[Symbol.asyncDispose]()
  })

  const command = (): string[] => ['deploy', '-i', inventory, '--tags', 'vm', '--yes']

  it('leaves behind a machine that says so, when it is killed in the middle of an upload', async () => {
    const killed = await project.watch(command(), (event) =>
      event.type === 'step.progressed' &&
      event.target === 'ams-1-a' &&
      event.progress.text === 'uploading the image'
        ? 'SIGKILL'
        : undefined,
    )
    expect(killed.code, `it said: ${killed.stderr}`).toBeNull()
    const { config } = await readMachine(esxi, 'ams-1-a')
    expect(config.extraConfig).toContainEqual({ key: 'runbook.import', value: 'importing' })
  }, 60_000)

  it('is finished by the same command, on a vCenter and on an ESXi host', async () => {
    const { code, stdout, stderr } = await project.run(...command())
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/^ams-1-a : ok=\d+ changed=[1-9]\d* unreachable=0 failed=0/m)
  }, 60_000)

  it('has made the machines that were asked for, says govc', async () => {
    const key = await runGovc(vcenter.endpoint, ['object.collect', '-s', 'network/vse-fra', 'key'])
    for (const name of ['fra-1-a', 'fra-1-b']) {
      const machine = await readMachine(vcenter, name)
      expect(machine).toMatchObject({
        runtime: { powerState: 'poweredOn' },
        config: { memoryReservationLockedToMax: true, hardware: { numCPU: 4, memoryMB: 48 * 1024 } },
      })
      expect(networksOf(machine)).toEqual(Array.from({ length: 3 }, () => key.trim()))
      expect(diskOf(machine)).toMatchObject({
        capacityInKB: 500 * 1024 ** 2,
        backing: { thinProvisioned: true },
      })
      const cards = machine.config.hardware.device.filter(({ backing }) => backing?.vendorId === 0x177d)
      expect(cards).toHaveLength(1)
      expect(machine.config.extraConfig).toContainEqual({ key: 'runbook.import', value: 'done' })
    }
    const alone = await readMachine(esxi, 'ams-1-a')
    expect(alone).toMatchObject({
      runtime: { powerState: 'poweredOn' },
      config: { hardware: { numCPU: 4, memoryMB: 32 * 1024 } },
    })
    expect(networksOf(alone)).toEqual(['vse-ams', 'vse-ams', 'vse-ams'])
    expect(alone.config.extraConfig).toContainEqual({ key: 'runbook.import', value: 'done' })
  })

  it('has put the nodes of a cluster on different hosts, and into a rule that keeps them there, says govc', async () => {
    const hosts = await Promise.all(['fra-1-a', 'fra-1-b'].map((name) => readMachine(vcenter, name)))
    expect(new Set(hosts.map(({ runtime }) => runtime.host.value)).size).toBe(2)
    const rules = await runGovc(vcenter.endpoint, ['cluster.rule.ls', '-cluster', 'DC0_C0', '-l'])
    expect(rules).toContain('ClusterAntiAffinityRuleSpec')
  })

  it('has made port groups that accept what a shared address needs, says govc', async () => {
    const { portgroup } = await readGovc<{
      portgroup: readonly {
        spec: { name: string; vlanId: number; vswitchName: string; policy: { security: Policy } }
        computedPolicy: { security: Policy }
      }[]
    }>(esxi.endpoint, ['host.portgroup.info'])
    const standard = portgroup.find(({ spec }) => spec.name === 'vse-ams')
    expect(standard?.spec).toMatchObject({
      vlanId: 85,
      vswitchName: 'vSwitch0',
      policy: { security: ACCEPT },
    })
    expect(standard?.computedPolicy.security).toMatchObject(ACCEPT)

    const { port } = await readGovc<{
      port: readonly {
        config: {
          setting: { vlan: { vlanId: number }; securityPolicy: Policy; macManagementPolicy: Policy }
        }
      }[]
    }>(vcenter.endpoint, ['dvs.portgroup.info', '-pg', 'vse-fra', 'DVS0'])
    expect(port.length).toBeGreaterThan(0)
    const flag = { inherited: false, value: true }
    for (const { config } of port) {
      expect(config.setting).toMatchObject({
        vlan: { vlanId: 84 },
        securityPolicy: { allowPromiscuous: flag, macChanges: flag, forgedTransmits: flag },
        macManagementPolicy: ACCEPT,
      })
    }
  })

  it('has set the option on every host of the placement, and on no other, says govc', async () => {
    const read = async (server: Vcsim, host: string): Promise<unknown> => {
      const args = ['host.option.ls', '-host', host, 'Net.ReversePathFwdCheckPromisc']
      const [option] = await readGovc<readonly { value: unknown }[]>(server.endpoint, args)
      return option?.value
    }
    const cluster = ['127.0.0.2', '127.0.0.3', '127.0.0.4'].map((host) => read(vcenter, host))
    expect(await Promise.all(cluster)).toEqual([1, 1, 1])
    expect(await read(vcenter, '127.0.0.5')).toBe(0)
    expect(await read(esxi, 'localhost.localdomain')).toBe(1)
  })

  it('finds nothing left to do, and changes nothing', async () => {
    const before = await readMachines(vcenter, '*')
    const { code, stdout } = await project.run(...command())
    expect(code, `it said: ${stdout}`).toBe(0)
    expect(stdout).toMatch(/^5 targets: \d+ ok \(0 changed\), 0 failed/m)
    expect((await readMachines(vcenter, '*')).length).toBe(before.length)
    expect(await readMachines(esxi, 'ams-1-a')).toHaveLength(1)
  }, 60_000)
})
