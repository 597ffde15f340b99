import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { zipSync } from 'fflate'
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2'

import { DOCUMENTED, type Dialect } from '../../../src/lab/appliance/dialect.ts'
import { createApplianceYard, type ApplianceYard } from '../../../src/lab/appliance/yard.ts'
import { createLabClock, type LabClock } from '../../../src/lab/clock.ts'
import type { ActiveCluster, ActiveNode, CloudView } from '../../../src/lab/cloud.ts'
import type { Guest, GuestKey, Machine } from '../../../src/lab/guest.ts'
import { createLabNetwork, type LabNetwork } from '../../../src/lab/network.ts'
import type { SeedPolicy } from '../../../src/model/lab-seed.ts'
import { createDocumentStore } from '../../../src/state/document-store.ts'

type Policy = { -readonly [key in keyof SeedPolicy]: boolean } & { loops: boolean; vlan: number }

/** A virtual machine whose hardware a test can change. */
export interface BenchMachine extends Machine {
  readonly hardware: {
    pci: number[]
    policy: Policy
    connected: boolean[]
    memoryMB: number
    networks: string[]
  }
}

export function createMachine(name: string, index: number): BenchMachine {
  const hardware = {
    pci: [] as number[],
    policy: { promiscuous: true, macChanges: true, forgedTransmits: true, loops: false, vlan: 84 },
    connected: [true, true, true],
    memoryMB: 49152,
    networks: ['VSE-Mgmt', 'VSE-Proxy', 'VSE-LB'],
  }
  return {
    hardware,
    uuid: `5029aa00-0000-4000-8000-0000000000${String(index).padStart(2, '0')}`,
    name,
    cpus: () => 4,
    memoryMB: () => hardware.memoryMB,
    pciVendors: () => hardware.pci,
    policy: () => hardware.policy,
    nics: () =>
      hardware.networks.map((network, nic) => ({
        mac: `00:50:56:a1:0${index}:0${nic}`,
        network,
        connected: hardware.connected[nic] ?? true,
      })),
  }
}

/** A cloud with one cluster whose nodes can be switched. */
export interface BenchCloud extends CloudView {
  readonly nodes: Map<string, ActiveNode>
  allowed: boolean
  cluster: string | undefined
}

export function createCloud(): BenchCloud {
  const nodes = new Map<string, ActiveNode>()
  const cloud: BenchCloud = {
    nodes,
    allowed: true,
    cluster: '10.84.0.71',
    nodeOf: (serial) => nodes.get(serial),
    clusterOf(node): ActiveCluster | undefined {
      if (cloud.cluster === undefined || node.deploymentMode === 'STANDALONE') return undefined
      return { name: 'lab-1', ipAddress: cloud.cluster, nodes: [...nodes.values()] }
    },
    allows: () => cloud.allowed,
  }
  return cloud
}

export const NODE_A: ActiveNode = {
  id: 11,
  name: 'lab-1-a',
  cloud: 'zscalerlab',
  ipAddress: '10.84.0.111',
  subnetMask: '255.255.255.0',
  defaultGateway: '10.84.0.200',
  loadBalancerIpAddress: '10.84.0.112',
  deploymentMode: 'CLUSTER',
  enabled: true,
}
export const NODE_B: ActiveNode = {
  ...NODE_A,
  id: 12,
  name: 'lab-1-b',
  ipAddress: '10.84.0.121',
  loadBalancerIpAddress: '10.84.0.122',
}

export interface Bench {
  readonly yard: ApplianceYard
  readonly network: LabNetwork
  readonly clock: LabClock
  readonly cloud: BenchCloud
  readonly folder: string
  /** A new process: the same disks, nothing else. */
  reopen(): Promise<Bench>
  close(): Promise<void>
}

export interface BenchOptions {
  readonly folder?: string
  readonly scale?: number
  readonly personality?: 'forced' | 'optional'
  /** In what the machines differ from the documented one. */
  readonly dialect?: Partial<Dialect>
  readonly cloud?: BenchCloud
}

export function createBench(options: BenchOptions = {}): Bench {
  const {
    folder = mkdtempSync(join(tmpdir(), 'appliance-')),
    scale = 10_000,
    personality = 'optional',
    cloud = createCloud(),
    dialect = {},
  } = options
  const clock = createLabClock(scale)
  const network = createLabNetwork({ trusted: [] })
  const store = createDocumentStore({ folder })
  const subnets = [{ cidr: '10.84.0.0/24', gateway: '10.84.0.200', dns: ['10.84.0.100', '10.84.0.101'] }]
  const yard = createApplianceYard({
    store,
    network,
    clock,
    clouds: [cloud],
    subnets,
    personality,
    dialectOf: () => ({ ...DOCUMENTED, ...dialect }),
  })
  const stop = async (): Promise<void> => {
    await yard.close()
    await network.close()
    await store.settled()
  }
  return {
    yard,
    network,
    clock,
    cloud,
    folder,
    async reopen() {
      await stop()
      return createBench({
        folder,
        scale,
        personality,
        cloud,
        dialect,
      })
    },
    async close() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const KEYS = new Map<string, GuestKey>()
const plain = { shift: false, control: false, alt: false }
'abcdefghijklmnopqrstuvwxyz'.split('').forEach((letter, index) => {
  KEYS.set(letter, { ...plain, usage: 4 + index })
  KEYS.set(letter.toUpperCase(), { ...plain, usage: 4 + index, shift: true })
  KEYS.set(String.fromCharCode(1 + index), { ...plain, usage: 4 + index, control: true })
})
;['1!', '2@', '3#', '4$', '5%', '6^', '7&', '8*', '9(', '0)'].forEach((pair, index) => {
  KEYS.set(pair[0] ?? '', { ...plain, usage: 0x1e + index })
  KEYS.set(pair[1] ?? '', { ...plain, usage: 0x1e + index, shift: true })
})
const PAIRS: readonly [number, string][] = [
  [0x2d, '-_'],
  [0x2e, '=+'],
  [0x2f, '[{'],
  [0x30, ']}'],
  [0x31, '\\|'],
  [0x33, ';:'],
  [0x34, `'"`],
  [0x35, '`~'],
  [0x36, ',<'],
  [0x37, '.>'],
  [0x38, '/?'],
]
for (const [usage, pair] of PAIRS) {
  KEYS.set(pair[0] ?? '', { ...plain, usage })
  KEYS.set(pair[1] ?? '', { ...plain, usage, shift: true })
}
KEYS.set(' ', { ...plain, usage: 0x2c })
KEYS.set('\n', { ...plain, usage: 0x28 })
KEYS.set('\b', { ...plain, usage: 0x2a })

export const keysFor = (text: string): GuestKey[] =>
  Array.from(text, (character) => KEYS.get(character) ?? { ...plain, usage: 0 })

/** Milliseconds of real time that something may take at most, on a machine that is busy with other things. */
const PATIENCE = 30_000

/** Waits, in real time and not for long, until something holds. */
export async function until<T>(read: () => T | undefined | false, what: string): Promise<T> {
  for (const began = performance.now(); performance.now() - began < PATIENCE;) {
    const value = read()
    if (value !== undefined && value !== false) return value
    await delay(2)
  }
  throw new Error(`${what} did not happen`)
}

/** Waits until a machine answers at an address. */
export async function answers(bench: Bench, host: string): Promise<void> {
  for (const began = performance.now(); performance.now() - began < PATIENCE;) {
    const socket = await bench.network
      .dial({ host, port: 22 }, { signal: AbortSignal.timeout(5000) })
      .catch(() => undefined)
    if (socket !== undefined) {
      socket.on('error', () => undefined)
      socket.destroy()
      return
    }
    await delay(2)
  }
  throw new Error(`nothing answers at ${host}`)
}

/** A person at the console: types, and waits for what the screen shows. */
export function sitAt(bench: Bench, guest: Guest, machine: string) {
  const text = (): string => bench.yard.screenText(machine) ?? ''
  return {
    text,
    type: (keys: string) => guest.type(keysFor(keys)),
    async sees(pattern: RegExp): Promise<string> {
      return until(
        () => (pattern.test(text()) ? text() : undefined),
        `${pattern} on the screen:\n${text()}\n`,
      ).catch(() => {
        throw new Error(`never saw ${pattern} on the screen:\n${text()}`)
      })
    },
    /** Answers prompts one after the other, each looked for on the last line. */
    async answer(...steps: readonly (readonly [RegExp, string])[]): Promise<void> {
      for (const [pattern, answer] of steps) {
        const start = pattern.source.startsWith('^') ? '' : '[^\\n]*'
        const last = new RegExp(`(?:^|\\n)${start}${pattern.source.replace('^', '')}[^\\n]*$`)
        await this.sees(last)
        guest.type(keysFor(`${answer}\n`))
      }
    },
  }
}

export const PASSWORD = 'Correct-Horse-42'

/** Logs in at the console with the documented password and stays in the shell. */
export async function logIn(seat: ReturnType<typeof sitAt>, password = 'zsroot'): Promise<void> {
  await seat.answer([/login:/, 'zsroot'], [/Password:/, password])
  await seat.sees(/[$%]$/)
}

/** Types what `configure-network` asks for on a fresh machine. */
export async function typeNetwork(
  bench: Bench,
  guest: Guest,
  {
    name,
    address,
    dns = '10.84.0.100',
    gateway = '10.84.0.200',
  }: { name: string; address: string; dns?: string; gateway?: string },
): Promise<void> {
  const seat = sitAt(bench, guest, name)
  await logIn(seat)
  seat.type('clear; sudo vzen configure-network\n')
  await seat.answer(
    [/Password:/, 'zsroot'],
    [/add a new nameserver/, 'y'],
    [/nameserver \(/, dns],
    [/add a new nameserver/, ''],
    [/netmask\) \[/, `${address}/24`],
    [/gateway/, gateway],
    [/hostname \(/, name],
  )
  await seat.sees(/Successfully Applied Changes/)
}

/** Brings a fresh machine onto the network, by keys. */
export async function configure(
  bench: Bench,
  guest: Guest,
  network: Parameters<typeof typeNetwork>[2],
): Promise<void> {
  await typeNetwork(bench, guest, network)
  await answers(bench, network.address)
}

/** Connects with a real client through the lab's network. */
export async function connect(bench: Bench, host: string, options: ConnectConfig = {}): Promise<Client> {
  const sock = await bench.network.dial({ host, port: 22 }, { signal: AbortSignal.timeout(5000) })
  const client = new ssh2.Client()
  client.on('error', () => undefined)
  client.on('keyboard-interactive', (...asked) => asked[4]([options.password ?? 'zsroot']))
  client.connect({ sock, username: 'zsroot', password: 'zsroot', tryKeyboard: true, ...options })
  await Promise.race([
    once(client, 'ready'),
    once(client, 'close').then(() => {
      throw new Error('the connection was closed')
    }),
  ])
  return client
}

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a command without a terminal. */
export async function run(client: Client, command: string, input = ''): Promise<Ran> {
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.exec(command, (error, stream) => (error === undefined ? resolve(stream) : reject(error)))
  })
  let out = ''
  let err = ''
  channel.on('data', (chunk: Buffer) => (out += chunk.toString()))
  channel.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  channel.end(input)
  // An exit status may come with the first packet, before anybody could listen; the close carries it again.
  const [code] = (await once(channel, 'close')) as [number | null]
  return { code: code ?? null, out, err }
}

/** Runs a command as root, the password on its standard input. */
export const sudo = (client: Client, command: string, input = ''): Promise<Ran> =>
  run(client, `sudo -S -p '' ${command}`, `zsroot\n${input}`)

interface Bundle {
  readonly zip: Buffer
  readonly serial: string
}

const bundles = new Map<string, Bundle>()

/** A certificate bundle as the portal offers it, and its serial. */
export function makeBundle(name: string): Bundle {
  const known = bundles.get(name)
  if (known !== undefined) return known
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'))
  const key = join(folder, 'key.pem')
  const certificate = join(folder, 'certificate.pem')
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '30',
      '-subj',
      `/CN=${name}`,
      '-addext',
      'basicConstraints=critical,CA:FALSE',
      '-addext',
      'subjectAltName=DNS:vse-1.zscalerlab.net',
      '-keyout',
      key,
      '-out',
      certificate,
    ],
    { stdio: 'ignore' },
  )
  const serial = execFileSync('openssl', ['x509', '-in', certificate, '-noout', '-serial'])
    .toString()
    .trim()
    .replace('serial=', '')
  const zip = Buffer.from(
    zipSync({ 'certificate.pem': readFileSync(certificate), 'key.pem': readFileSync(key) }),
  )
  rmSync(folder, { recursive: true, force: true })
  bundles.set(name, { zip, serial })
  return { zip, serial }
}

/** Writes a file over SFTP. */
export async function upload(client: Client, path: string, content: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.sftp((error, sftp) => {
      if (error !== undefined) return reject(error)
      sftp.writeFile(path, content, (failure) => {
        sftp.end()
        if (failure === undefined || failure === null) resolve()
        else reject(failure)
      })
    })
  })
}
