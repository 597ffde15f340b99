import type { Clock } from '../model/clock.ts'
import type { Connections, ConnectionUse } from '../model/connections.ts'
import type { ApplianceEndpoint, Endpoints, VSphereEndpoint, ZiaEndpoint } from '../model/endpoint.ts'
import { AbortError, AuthError, InternalError } from '../model/error.ts'
import type { ConnectionKind } from '../model/module.ts'
import type { Network } from '../model/network.ts'
import type { Target } from '../model/target.ts'
import type { GlyphBook } from './console/glyph-book.ts'
import { untilAborted } from './deadline.ts'
import type { Evidence } from './evidence.ts'
import type { HostKeys } from './host-keys.ts'
import type { Member } from './kinds.ts'
import type { ApplianceConnection } from './open-appliance.ts'
import { createShared } from './shared.ts'
import type { SshGround } from './ssh/ground.ts'
import type { VSphereSession } from './vsphere.ts'
import type { StagedMark } from './zia/pending.ts'
import type { ZiaSession } from './zia/session.ts'

/** Told what goes over a connection: 1 the commands, 2 their output, 3 the wire. */
export type Trace = (level: 1 | 2 | 3, line: { readonly system: string; readonly text: string }) => void

/** What the connections of a run are opened with. */
export interface ConnectionOptions {
  /** How the systems behind a target are reached. */
  endpointsOf(target: Target): Endpoints
  readonly network: Network
  readonly clock: Clock
  readonly hostKeys: HostKeys
  /** Whether this is the lab, which is reached by addresses and passwords alone: no jump host, key or file of the user’s is used. */
  readonly lab?: boolean | undefined
  /** Gives out clients that cannot write, and no others. */
  readonly check: boolean
  /** Ends everything at once. */
  readonly signal: AbortSignal
  readonly trace?: Trace | undefined
  /** The fonts of consoles that are known; those of this run alone where absent. */
  readonly glyphs?: GlyphBook | undefined
  /** Where it is kept that edits of ours wait in a tenant for an activation; nowhere where absent. */
  readonly stagedIn?: ((tenant: string) => StagedMark) | undefined
  /** Where what is said to a node and seen of it is kept; nothing is kept where absent. */
  readonly evidenceOf?: ((node: string) => Evidence) | undefined
}

/** Makes the ways to the systems of a run: one session a vCenter and a tenant, one connection an appliance. */
export function openConnections(options: ConnectionOptions): Connections {
  const { network, clock, hostKeys, check } = options
  const traceOf = (system: string) => (level: 1 | 2 | 3, text: string) =>
    options.trace?.(level, { system, text })

  const openSystem = async (endpoint: VSphereEndpoint, signal: AbortSignal): Promise<VSphereSession> => {
    const { openVSphere } = await import('./open-vsphere.ts')
    return openVSphere(endpoint, { network, clock, signal, trace: traceOf(endpoint.host) })
  }
  const vspheres = createShelf(openSystem, options)
  const openTenant = async (endpoint: ZiaEndpoint, signal: AbortSignal): Promise<ZiaSession> => {
    const { openZia } = await import('./zia/open.ts')
    const mark = options.stagedIn?.(keyOfTenant(endpoint))
    return openZia(endpoint, { network, clock, signal, mark, trace: traceOf(endpoint.cloud) })
  }
  const tenants = createShelf(openTenant, options)
  const glyphs =
    options.glyphs ?? import('./console/glyph-book.ts').then(({ createGlyphBook }) => createGlyphBook())
  const ground = createShared<SshGround>({
    async open() {
      const [{ createSshGround }, { USUAL_KNOWN_HOSTS }] = await Promise.all([
        import('./ssh/ground.ts'),
        import('./ssh/known-host-files.ts'),
      ])
      // The lab's addresses may be those of real machines.
      const knownHosts = options.lab === true ? [] : USUAL_KNOWN_HOSTS
      return createSshGround({ network, clock, hostKeys, knownHosts })
    },
    isOpen: () => true,
    close: (opened) => opened.close(),
  })
  const takeGround = (): Promise<SshGround> => ground.take({ signal: options.signal })
  const reachAppliance = async (written: ApplianceEndpoint): Promise<ApplianceConnection> => {
    const { openAppliance } = await import('./open-appliance.ts')
    const { ways, ...itself } = written.ssh
    const endpoint = options.lab === true || ways === undefined ? { ...written, ssh: itself } : written
    const port = async (
      use: Pick<ConnectionUse, 'signal'>,
    ): Promise<ReturnType<VSphereSession['console']>> => {
      const opening = vspheres.take(keyOfVSphere(endpoint.vsphere), endpoint.vsphere)
      const vsphere = await untilAborted(opening, use.signal)
      return vsphere.console(endpoint.vm, { writable: !check })
    }
    const trace = traceOf(endpoint.name)
    const evidence = options.evidenceOf?.(endpoint.name)
    const shared = { network, clock, hostKeys, ground: takeGround }
    return openAppliance(endpoint, { ...shared, port, glyphs: await glyphs, trace, evidence })
  }
  const appliances = createShelf(reachAppliance, options)

  const takeAppliance = (endpoint: ApplianceEndpoint): Promise<ApplianceConnection> =>
    appliances.take(endpoint.name, endpoint)

  const readMachine = async ({ vsphere, vm }: ApplianceEndpoint, use: Pick<ConnectionUse, 'signal'>) => {
    const opening = vspheres.take(keyOfVSphere(vsphere), vsphere)
    return (await untilAborted(opening, use.signal)).reader(use).machine(vm)
  }

  async function takeMembers(endpoints: readonly ApplianceEndpoint[]): Promise<readonly Member[]> {
    return Promise.all(
      endpoints.map(async (endpoint) => ({
        name: endpoint.name,
        appliance: (await takeAppliance(endpoint)).reader,
        async power(use) {
          const machine = await readMachine(endpoint, use)
          if (machine === undefined) return 'absent'
          return machine.power === 'poweredOn' ? 'on' : 'off'
        },
        adapters: async (use) => (await readMachine(endpoint, use))?.nics ?? [],
      })),
    )
  }

  async function open(kind: ConnectionKind, to: Target, use: Use): Promise<unknown> {
    const endpoints = options.endpointsOf(to)
    switch (kind) {
      case 'none':
        return undefined
      case 'vsphere': {
        const endpoint = need(endpoints.vsphere, { kind, to })
        const opening = vspheres.take(keyOfVSphere(endpoint), endpoint)
        return (await untilAborted(opening, use.signal))[use.view](use)
      }
      case 'zia': {
        const endpoint = need(endpoints.zia, { kind, to })
        const opening = tenants.take(keyOfTenant(endpoint), endpoint)
        const domain = to.cluster ?? to.name
        return (await untilAborted(opening, use.signal))[use.view]({ ...use, domain })
      }
      case 'appliance':
        return (await takeAppliance(need(endpoints.appliance, { kind, to })))[use.view]
      case 'members':
        return takeMembers(need(endpoints.members, { kind, to }))
    }
  }

  return {
    systemOf(kind, to) {
      const { vsphere, zia, appliance, members } = options.endpointsOf(to)
      switch (kind) {
        case 'none':
          return ''
        case 'vsphere':
          return vsphere === undefined ? '' : keyOfVSphere(vsphere)
        case 'zia':
          return zia === undefined ? '' : keyOfTenant(zia)
        case 'appliance':
          return appliance?.name ?? ''
        case 'members':
          return (members ?? []).map(({ name }) => name).join(' ')
      }
    },
    reader: (kind, to, use) => open(kind, to, { ...use, view: 'reader' }),
    writer(kind, to, use) {
      if (check) throw new InternalError(`a step asked for a client that writes to ${to.name} in check mode`)
      return open(kind, to, { ...use, view: 'writer' })
    },
    async forget(to) {
      const { ssh } = options.endpointsOf(to).appliance ?? {}
      if (ssh !== undefined) await hostKeys.forget({ host: ssh.host, port: ssh.port })
    },
    leftovers: () => tenants.opened().flatMap((session) => session.leftover() ?? []),
    async close() {
      // Appliances log out over the vCenter's console, so that they go first.
      await appliances.close()
      await ground.close()
      await Promise.all([vspheres.close(), tenants.close()])
    },
  }
}

interface Use extends ConnectionUse {
  readonly view: 'reader' | 'writer'
}

const keyOfVSphere = ({ host, port, username }: VSphereEndpoint): string => `${username}@${host}:${port}`

const keyOfTenant = ({ cloud, login }: ZiaEndpoint): string =>
  login.kind === 'legacy' ? `${login.username}@${cloud}` : `${login.clientId}@${login.vanity}.${cloud}`

function need<T>(endpoint: T | undefined, { kind, to }: { readonly kind: string; readonly to: Target }): T {
  if (endpoint !== undefined) return endpoint
  throw new InternalError(
    `a step per ${to.level} asked for a connection of kind ${kind}, which ${to.name} has not`,
  )
}

/**
 * Things that are opened once and kept. One that could not be opened is tried again by the next who asks, but for a login that was
 * refused: a run has many steps, and as many attempts with a wrong password would lock the account.
 */
interface Shelf<E, T> {
  take(key: string, endpoint: E): Promise<T>
  opened(): readonly T[]
  close(): Promise<void>
}

function createShelf<E, T extends { close(): Promise<void> }>(
  open: (endpoint: E, signal: AbortSignal) => Promise<T>,
  { signal }: Pick<ConnectionOptions, 'signal'>,
): Shelf<E, T> {
  const kept = new Map<string, Promise<T>>()
  const opening = new Set<AbortController>()
  const opened = new Set<T>()

  async function openAbortably(endpoint: E): Promise<T> {
    const control = new AbortController()
    opening.add(control)
    try {
      const one = await open(endpoint, AbortSignal.any([signal, control.signal]))
      opened.add(one)
      return one
    } finally {
      opening.delete(control)
    }
  }

  return {
    take(key, endpoint) {
      const known = kept.get(key)
      if (known !== undefined) return known
      const taken = openAbortably(endpoint)
      kept.set(key, taken)
      taken.catch((error: unknown) => {
        if (!(error instanceof AuthError)) kept.delete(key)
      })
      return taken
    },
    opened: () => [...opened],
    async close() {
      // Whoever asked for it has gone.
      for (const control of opening) control.abort(new AbortError('closed before it was open'))
      const taken = [...kept.values()]
      kept.clear()
      opened.clear()
      // What could not be opened has been reported; what cannot be closed is gone with the process.
      await Promise.allSettled(taken.map(async (one) => (await one).close()))
    },
  }
}
