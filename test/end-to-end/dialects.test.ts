import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { planDialect } from '../../src/lab/appliance/dialect.ts'
import type { Event } from '../../src/model/event.ts'
import { openFreshProject, type FreshProject, type Watched } from '../support/fresh-project.ts'
import { IS_THOROUGH } from '../support/thorough.ts'

const SEED = 1

// Seven clusters of one node that fail alone, and one of two, in which split brain is to be had.
const INVENTORY = `
import { defineInventory, range, secret } from '#sdk'
import { vse } from './schema/vse.ts'

const user = (username: string) => ({ username, password: secret.env('SNMP_PASSWORD') })
const location = (name: string) => ({ name: \`Lab \${name}\`, create: { country: 'GERMANY', tz: 'GERMANY_EUROPE_BERLIN' } })

export default defineInventory(vse, {
  zia: {
    cloud: 'zscalerlab',
    login: { kind: 'legacy', username: 'admin@lab.example', password: secret.env('ZIA_PASSWORD'), apiKey: secret.env('ZIA_API_KEY') },
  },
  image: 'downloads/vse.ova',
  password: secret.env('VSE_PASSWORD'),
  snmp: { admin: user('nms'), traps: { receiver: '10.84.0.50', ...user('traps') } },
  appliance: { dialects: ${SEED}, },
  sites: {
    lab: {
      vcenter: { host: 'vcenter.lab.example', username: 'administrator@vsphere.local', password: secret.env('VC_PASSWORD') },
      placement: { datacenter: 'LAB', computeCluster: 'lab-compute', datastore: 'lab-ssd' },
      network: {
        subnet: '10.84.0.0/24', gateway: '10.84.0.200', dns: ['10.84.0.100', '10.84.0.101'], ntp: ['10.84.0.100'],
        portGroup: { name: 'VSE', vlan: 84 },
      },
      clusters: {
        pair: {
          address: '10.84.0.130',
          location: location('pair'),
          nodes: range('pair-[1:2]', (name, index) => ({
            management: \`10.84.0.\${60 + index}/24\`, proxy: \`10.84.0.\${70 + index}\`,
            loadBalancer: \`10.84.0.\${80 + index}\`, certificate: \`downloads/\${name}.zip\`,
          })),
        },
        ...range('solo-[1:7]', (name, index) => ({
          mode: 'standalone' as const,
          location: location(name),
          standardPort: index % 2 === 0 ? ('all' as const) : [],
          nodes: {
            [\`\${name}-a\`]: { management: \`10.84.0.\${10 + index}/24\`, proxy: \`10.84.0.\${30 + index}\`, certificate: \`downloads/\${name}.zip\` },
          },
        })),
      },
    },
  },
}, { lab: true })
`

// What an operator adds after the first run has stopped at a prompt that nobody had ever seen.
const WORDING = `wording: {
      build: 'ZscalerOS 42',
      commands: {
        'configure-network': {
          prompts: { 'traffic profile': { patterns: ['^Select the traffic profile of this edge <1-4>:\\\\s*$'], answer: '2' } },
        },
      },
    },`

const DIALECTS = `dialects: ${SEED},`

const SOLO = Array.from({ length: 7 }, (_, index) => `solo-${index + 1}-a`)

type Finished = Extract<Event, { type: 'step.finished' }>

/** What went wrong, by target: one step at most, with everything an operator is told. */
function failuresOf({ events }: Watched): Readonly<Record<string, string>> {
  const failed = events.filter(
    (event): event is Finished => event.type === 'step.finished' && event.error !== undefined,
  )
  return Object.fromEntries(
    failed.map(({ target, name, error }) => [
      target,
      `${name}: ${error?.message ?? ''} ${error?.hint ?? ''} ${error?.output ?? ''}`,
    ]),
  )
}

describe.runIf(IS_THOROUGH)('nine appliances that speak nine dialects', () => {
  let project: FreshProject
  const inventory = ['-i', 'inventory/dialects.ts']
  const deploy = (...more: readonly string[]): Promise<Watched> =>
    project.watch(['deploy', ...inventory, ...more], () => undefined)
  const fault = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await project.run('lab', 'fault', ...args, ...inventory)
    expect([code, stderr]).toEqual([0, ''])
  }

  beforeAll(async () => {
    project = await openFreshProject()
    await writeFile(join(project.folder, 'inventory', 'dialects.ts'), INVENTORY)
    const made = await deploy('--tags', 'portal,downloads,vm')
    expect([made.code, made.stderr]).toEqual([0, ''])
  }, 60_000)
  afterAll(() => project[Symbol.asyncDispose]())

  it('are really nine', () => {
    const names = [...SOLO, 'pair-1', 'pair-2']
    expect(new Set(names.map((name) => JSON.stringify(planDialect(SEED, name)))).size).toBe(9)
  })

  it('finish, or stop alone with something to act on, whatever befalls them', async () => {
    await fault('unknown-prompt', 'solo-1-a')
    await fault('drop-in-command', 'solo-2-a')
    await fault('build-stalls', 'solo-3-a')
    await fault('wrong-certificate', 'solo-4-a')
    await fault('clock-drift', 'solo-5-a')
    await fault('disk-full', 'solo-6-a')
    await fault('split-brain', 'pair-2')
    for (const name of ['solo-5-a', 'solo-7-a', 'pair-1']) await fault('console-messages', name)
    const run = await deploy()
    expect(run.stderr).toBe('')
    const failures = failuresOf(run)
    expect(failures['solo-1-a']).toMatch(/Select the traffic profile of this edge.*patterns/s)
    expect(failures['solo-3-a']).toMatch(/the diagnostics of solo-3-a are in .*solo-3-a-\S+\.tgz/)
    expect(JSON.stringify(run.events)).toMatch(/download of the build on solo-3-a stands still at/)
    expect(failures['solo-4-a']).toMatch(/Suspicious.*certificate used twice/s)
    expect(failures['solo-6-a']).toMatch(/space|room|full/i)
    expect(failures['pair']).toMatch(/split brain.*port group VSE/)
    // A connection that broke may have been made good; a clock that drifts was set; messages between its prompts stop nobody.
    for (const target of ['solo-5-a', 'solo-7-a', 'pair-1', 'pair-2'])
      expect(failures[target]).toBeUndefined()
    expect(run.code).toBe(2)
  }, 120_000)

  it('finish in the next run, once the prompt was taught and the rest was mended', async () => {
    await fault('--clear')
    await fault('unknown-prompt', 'solo-1-a')
    await fault('no-autostart', 'solo-5-a')
    await fault('host-key-changed', 'solo-7-a')
    const taught = INVENTORY.replace(DIALECTS, () => `${DIALECTS} ${WORDING}`)
    expect(taught).not.toBe(INVENTORY)
    await writeFile(join(project.folder, 'inventory', 'dialects.ts'), taught)
    const run = await deploy()
    expect(run.stderr).toBe('')
    const failures = failuresOf(run)
    expect(Object.keys(failures)).toEqual(['solo-7-a'])
    expect(failures['solo-7-a']).toMatch(/SHA256:\S+.*SHA256:\S+/s)

    // Somebody who knows why the key changed lets go of the old one; the new one is read on the console.
    const keys = join(project.folder, '.runbook', 'lab', 'host-keys.json')
    const known = JSON.parse(await readFile(keys, 'utf8')) as Record<string, unknown>
    const left = Object.entries(known).filter(([address]) => !address.startsWith('10.84.0.16:'))
    await writeFile(keys, JSON.stringify(Object.fromEntries(left)))
    const last = await deploy('--limit', 'solo-7')
    expect(failuresOf(last)).toEqual({})
    expect(last.code).toBe(0)
  }, 120_000)
})
