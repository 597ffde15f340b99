import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { connect } from 'node:tls'

import type { VSphereEndpoint } from '../../../src/model/endpoint.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import { findProgram } from '../find-program.ts'

const INSTALL = 'go -C test/support/vcsim install -buildvcs=false ./...'

/** Where Go puts what it installs. */
const GO_BIN = [process.env['GOBIN'] ?? '', join(homedir(), 'go', 'bin')]

/** govmomi's simulator, with what the folder beside this file adds to it. */
export const vcsim = { find: () => findProgram('vcsim', GO_BIN), howToGet: INSTALL }

/** govmomi's command line. */
export const govc = { find: () => findProgram('govc', GO_BIN), howToGet: INSTALL }

/** Both, for tests that act with our client and look with another. The program is the simulator's. */
export const vcsimAndGovc = {
  find: () => (govc.find() === undefined ? undefined : vcsim.find()),
  howToGet: INSTALL,
}

/** A simulator that runs. */
export interface Vcsim extends AsyncDisposable {
  /** With the thumbprint of its certificate, as an inventory would pin it. */
  readonly endpoint: VSphereEndpoint & { readonly thumbprint: string }
}

const USERNAME = 'administrator@vsphere.local'
const PASSWORD = 'simulated'

async function readThumbprint(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  try {
    await once(socket, 'secureConnect')
    return socket.getPeerCertificate().fingerprint256
  } finally {
    socket.destroy()
  }
}

async function readFirstLine(output: Readable): Promise<string> {
  for await (const line of createInterface(output)) return line
  throw new Error('vcsim ended before it served')
}

/** What a simulator is to be. */
export interface VcsimOptions {
  /** An ESXi host that stands alone, instead of a vCenter. */
  readonly esx?: boolean
  /** Its hosts are called 127.0.0.2 and so on, and serve there, so that they can be reached under their names. */
  readonly addressed?: boolean
  /** The simulator as it is, without what this folder adds to it. */
  readonly plain?: boolean
  /** Everything in it is sorted into folders. */
  readonly folders?: boolean
  /** Milliseconds that every upload waits before it is taken. */
  readonly uploadDelay?: number
}

/** Starts a simulator with an inventory of its own. */
export async function startVcsim(program: string, options: VcsimOptions = {}): Promise<Vcsim> {
  const { esx = false, plain = false, addressed = false, folders = false, uploadDelay = 0 } = options
  const flags = [
    `-esx=${esx}`,
    `-plain=${plain}`,
    `-addressed=${addressed}`,
    ...(folders ? ['-folders'] : []),
    `-upload-delay=${uploadDelay}ms`,
  ]
  const args = ['-l', '127.0.0.1:0', '-username', USERNAME, '-password', PASSWORD, ...flags]
  // What it complains about on its standard error is what clients are told in faults.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill()
    await once(child, 'exit')
  }
  try {
    const port = Number(new URL(await readFirstLine(child.stdout)).port)
    const thumbprint = await readThumbprint(port)
    const password = documentedSecret(PASSWORD)
    const endpoint = { host: '127.0.0.1', port, username: USERNAME, password, thumbprint }
    return { endpoint, [Symbol.asyncDispose]: stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}
