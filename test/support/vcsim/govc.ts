import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import type { VSphereEndpoint } from '../../../src/model/endpoint.ts'
import { govc } from './vcsim.ts'

const run = promisify(execFile)

/** Runs a command of govmomi's command line against a server, and gives what it printed. */
export async function runGovc(
  { host, port, username, password }: VSphereEndpoint,
  args: readonly string[],
): Promise<string> {
  const program = govc.find()
  if (program === undefined) throw new Error(`govc is not on this machine: ${govc.howToGet}`)
  const env = {
    ...process.env,
    GOVC_URL: `https://${host}:${port}`,
    GOVC_USERNAME: username,
    GOVC_PASSWORD: password.reveal(),
    GOVC_INSECURE: 'true',
    // Its own sessions would be counted with ours, and outlive it.
    GOVC_PERSIST_SESSION: 'false',
  }
  const { stdout } = await run(program, [...args], { env, maxBuffer: 16 * 1024 * 1024, timeout: 30_000 })
  return stdout
}

/** The same, for commands that print JSON where they are asked to. */
export async function readGovc<T>(server: VSphereEndpoint, args: readonly string[]): Promise<T> {
  const [command = '', ...rest] = args
  return JSON.parse(await runGovc(server, [command, '-json', ...rest])) as T
}
