import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'

import { z } from 'zod'

import { defineModule, sh, type Change } from '#sdk'

import { outputOfResult } from './answer.ts'
import { addressOf, DUMP_CONFIG, isSameCloud, parseDumpConfig } from './dump-config.ts'

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
  /** SHA-256 of the bundle that is to be installed; none where the file is not there. */
  readonly bundle: string | undefined
}

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
  absent: { cloud: undefined, service: undefined, installed: undefined, bundle: undefined },
  settle: { within: 120, every: 3 },

  async read({ connection, params, signal, recall }): Promise<CertificateFacts> {
    const ssh = await connection.ssh({ signal })
    const [{ config }, bundle] = await Promise.all([
      ssh.query({ config: DUMP_CONFIG }, { signal, sudo: true }),
      hashBundle(params.bundle, signal),
    ])
    const { cloud, service } = parseDumpConfig(config.output)
    return { cloud, service: addressOf(service), installed: recall(ssh.fingerprint), bundle }
  },

  diff({ cloud, service, installed, bundle }, { node, proxy, cloud: wanted }): readonly Change[] {
    const to = `the certificate of ${node}`
    if (cloud === undefined) return [{ path: 'certificate', to }]
    const changes: Change[] = []
    if (!isSameCloud(cloud, wanted)) changes.push({ path: 'CloudName', from: cloud, to: wanted })
    if (service !== undefined && service !== proxy) {
      const note = `the installed certificate belongs to the node with the proxy IP ${service}`
      changes.push({ path: 'Service IP', from: service, to: proxy, note })
    }
    // Installed by hand and proven by its address, it is left alone.
    const isKnown = installed === undefined ? service !== undefined : installed === bundle
    if (!isKnown && bundle !== undefined && changes.length === 0)
      changes.push({ path: 'certificate', from: 'another one, or an older one', to })
    return changes
  },

  async apply({ connection, params: { bundle, node }, facts, signal, progress, remember }) {
    const ssh = await connection.ssh({ signal })
    const to = `/tmp/${node.replaceAll(/[^\w.-]/g, '_')}-certificate.zip`
    await ssh.upload(bundle, { to, signal, progress })
    try {
      const installing = await ssh.run(sh`vzen install-cert ${to}`, { signal, sudo: true, timeout: 300 })
      outputOfResult(installing, 'vzen install-cert')
    } finally {
      await ssh.run(sh`rm -f ${to}`, { signal })
    }
    const hash = facts.bundle ?? (await hashBundle(bundle, signal))
    if (hash !== undefined) await remember(ssh.fingerprint, hash)
  },

  disruptive(changes) {
    const running = changes.some(({ path }) => path === 'Service IP' || path === 'CloudName')
    return running ? 'the node authenticates to the cloud as another one from now on' : undefined
  },
})
