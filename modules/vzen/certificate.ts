import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'

import { z } from 'zod'

import { defineModule, ModuleError, sh, type ApplianceReader, type Change, type ModuleContext } from '#sdk'

import { outputOfResult } from './answer.ts'
import { AUTHENTICATION, isReady, parseAuthentication } from './authentication.ts'
import { addressOf, DUMP_CONFIG, isSameCloud, parseDumpConfig } from './dump-config.ts'
import { lendFile } from './lend-file.ts'
import { parseStatus, STATUS } from './services.ts'

/** Which certificate the appliance has, as far as it tells, and which one it is to have. */
interface CertificateFacts {
  /** The cloud that the installed certificate is for. */
  readonly cloud: string | undefined
  /** Proxy address that the cloud gave to the owner of the certificate; none before the build runs. */
  readonly service: string | undefined
  /**
   * SHA-256 of the bundle that was installed from here last; none where it was not from here. The appliance has no command
   * that tells one certificate from another, so the engine remembers it, by the host key: a rebuilt appliance is another.
   */
  readonly installed: string | undefined
  /** Whether the one that was installed from here last is not known to be the right one: nobody has seen the end of that. */
  readonly pending: boolean
  /** Whether the cloud has ever let it in, as far as is known. */
  readonly wasLetIn: boolean
  /** SHA-256 of the bundle that is to be installed; none where the file is not there. */
  readonly bundle: string | undefined
  /** Whether the service runs, which any other certificate makes authenticate anew. */
  readonly serving: boolean
  /** Whether the cloud has let it in. */
  readonly authenticated: boolean
}

// What stands before the hash that is remembered until the end of the installation: where the cloud had let the node in before,
// and now has to with that certificate, and where it never had.
const [PENDING, BEGUN] = ['pending ', 'begun ']

/** Seconds that the cloud may take to let a node in with its new certificate, and between two looks. */
const [LET_IN, LOOK] = [300, 5]

async function hashBundle(path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return createHash('sha256')
      .update(await readFile(path, { signal }))
      .digest('hex')
  } catch {
    // Step 2 verifies the file and says what is wrong with it.
    signal.throwIfAborted()
    return undefined
  }
}

/** Waits until the cloud lets a node in whose service runs. */
async function waitUntilReady({
  connection,
  clock,
  signal,
}: Pick<ModuleContext<ApplianceReader, unknown>, 'connection' | 'clock' | 'signal'>): Promise<void> {
  const deadline = clock.now() + LET_IN * 1000
  for (;;) {
    const ssh = await connection.ssh({ signal })
    const { shown } = await ssh.query({ shown: AUTHENTICATION }, { signal, sudo: true })
    const found = parseAuthentication(shown)
    if (isReady(found)) return
    if (clock.now() >= deadline)
      throw new ModuleError(
        `the certificate is installed, but the cloud does not let ${connection.name} in with it: its authentication is ${found.state}`,
        {
          hint: 'is it the newest one that the portal has for this instance? Install one that is accepted before another node is touched',
        },
      )
    await clock.sleep(LOOK * 1000, { signal })
  }
}

/**
 * Installs the certificate bundle of this node: uploaded, installed by its absolute path, and removed again. That it is
 * the right one shows for good only once the build runs and the cloud has told the node its proxy address.
 */
export const certificate = defineModule({
  name: 'vzen/certificate',
  summary: 'The certificate of this node is installed',
  connection: 'appliance',
  params: z.strictObject({
    bundle: z
      .string()
      .refine(isAbsolute, 'is not an absolute path')
      .meta({ description: 'The certificate bundle from the portal, absolute' }),
    node: z.string().min(1).meta({ description: 'Name of the node, exactly as in ZIA' }),
    proxy: z.ipv4().meta({ description: 'Proxy IP address of the node in ZIA' }),
    cloud: z.string().min(1).meta({ description: 'Name of the cloud, with or without .net' }),
  }),
  absent: {
    cloud: undefined,
    service: undefined,
    installed: undefined,
    pending: false,
    wasLetIn: false,
    bundle: undefined,
    serving: false,
    authenticated: false,
  },
  settle: { within: 120, every: 3 },

  async read({ connection, params, signal, recall }): Promise<CertificateFacts> {
    const ssh = await connection.ssh({ signal })
    const [{ config, status, authentication }, bundle] = await Promise.all([
      ssh.query(
        { config: DUMP_CONFIG, status: STATUS, authentication: AUTHENTICATION },
        { signal, sudo: true },
      ),
      hashBundle(params.bundle, signal),
    ])
    const { cloud, service } = parseDumpConfig(config.output)
    const note = recall(ssh.fingerprint)
    const isAwaited = note?.startsWith(PENDING) === true
    const pending = isAwaited || note?.startsWith(BEGUN) === true
    const address = addressOf(service)
    const authenticated = isReady(parseAuthentication(authentication))
    return {
      cloud,
      service: address,
      installed: pending ? undefined : note,
      pending,
      wasLetIn: authenticated || address !== undefined || isAwaited,
      bundle,
      serving: parseStatus(status.output).SME === 'running',
      authenticated,
    }
  },

  diff({ cloud, service, installed, pending, bundle }, { node, proxy, cloud: wanted }): readonly Change[] {
    const to = `the certificate of ${node}`
    if (cloud === undefined) return [{ path: 'certificate', to }]
    const changes: Change[] = []
    if (!isSameCloud(cloud, wanted)) changes.push({ path: 'CloudName', from: cloud, to: wanted })
    if (service !== undefined && service !== proxy) {
      const note = `the installed certificate belongs to the node with the proxy IP ${service}`
      changes.push({ path: 'Service IP', from: service, to: proxy, note })
    }
    // Installed by hand and proven by its address, it is left alone.
    const isKnown = !pending && (installed === undefined ? service !== undefined : installed === bundle)
    if (!isKnown && bundle !== undefined && changes.length === 0) {
      const from = pending ? 'one that the cloud has not let in' : 'another one, or an older one'
      changes.push({ path: 'certificate', from, to })
    }
    return changes
  },

  async apply({ connection, params: { bundle, node }, facts, clock, signal, progress, remember, warn }) {
    const ssh = await connection.ssh({ signal })
    const to = `/tmp/${node.replaceAll(/[^\w.-]/g, '_')}-certificate.zip`
    const hash = facts.bundle ?? (await hashBundle(bundle, signal))
    // Remembered as not proven before it is there, so that the next run does not take a certificate that was refused for
    // installed, whatever stops this one.
    const mark = facts.wasLetIn ? PENDING : BEGUN
    if (hash !== undefined) await remember(ssh.fingerprint, `${mark}${hash}`)
    // It holds the private key.
    await lendFile(ssh, { file: bundle, to, signal, progress, warn }, async () => {
      const installing = await ssh.run(sh`vzen install-cert ${to}`, { signal, sudo: true, timeout: 300 })
      outputOfResult(installing, 'vzen install-cert')
    })
    // One that the cloud has never let in may need later steps for that: its service started, or its ports changed.
    if (facts.authenticated || (facts.serving && facts.wasLetIn))
      await waitUntilReady({ connection, clock, signal })
    if (hash !== undefined) await remember(ssh.fingerprint, hash)
  },

  disruptive(changes, _params, { serving }) {
    if (!serving) return undefined
    const isOther = changes.some(({ path }) => path === 'Service IP' || path === 'CloudName')
    return `the node authenticates to the cloud ${isOther ? 'as another one' : 'anew'}`
  },
})
