import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'

import { addAccount } from '../../connect/ssh/openssh.ts'

const run = promisify(execFile)
const PORT = 2222

/** Real servers on loopback addresses of their own, and what is needed to log in to them. */
export interface Fleet {
  readonly hosts: readonly string[]
  readonly port: number
  readonly username: string
  /** Path of the private key that is let in. */
  readonly key: string
  /** Path of the tests’ own `vzen`. */
  readonly vzen: string
  readonly fingerprint: string
  /** Where files go, and the nodes keep their state. */
  readonly folder: string
  close(): Promise<void>
}

async function answers(host: string): Promise<boolean> {
  const socket = connect({ host, port: PORT })
  try {
    await once(socket, 'connect')
    await once(socket, 'data')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Starts so many `sshd`, each a process of its own. */
export async function startFleet(size: number, { vzen }: { readonly vzen: string }): Promise<Fleet> {
  await mkdir('/run/sshd', { recursive: true })
  const folder = await mkdtemp(join(tmpdir(), 'fleet-'))
  await chmod(folder, 0o755)
  const [hostKey, key] = [join(folder, 'host'), join(folder, 'key')]
  for (const path of [hostKey, key]) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
  await copyFile(`${key}.pub`, join(folder, 'authorized'))
  await copyFile(vzen, join(folder, 'vzen'))
  const { stdout } = await run('ssh-keygen', ['-l', '-f', `${hostKey}.pub`])
  const block = 1 + ((randomBytes(1)[0] ?? 0) % 250)
  const hosts = Array.from({ length: size }, (_, index) => `127.${block}.${index >> 7}.${1 + (index & 127)}`)
  // Somebody whose log-in shell reads nothing before it runs a command, so that the clients are compared and not that.
  const account = await addAccount({ shell: '/bin/sh' })
  const children: ChildProcess[] = []
  const close = async (): Promise<void> => {
    await Promise.all(
      children.map(async (child) => {
        child.kill()
        if (child.exitCode === null) await once(child, 'exit')
      }),
    )
    await account.remove()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    for (const host of hosts) {
      const config = join(folder, `config-${host}`)
      const lines = [
        `ListenAddress ${host}:${PORT}`,
        `HostKey ${hostKey}`,
        `AuthorizedKeysFile ${join(folder, 'authorized')}`,
        'PidFile none',
        'StrictModes no',
        'UsePAM no',
        'PasswordAuthentication no',
        `SetEnv VZEN=${join(account.home, 'state', host)}`,
        'Subsystem sftp /usr/lib/openssh/sftp-server',
      ]
      await writeFile(config, `${lines.join('\n')}\n`)
      children.push(spawn('/usr/sbin/sshd', ['-D', '-q', '-f', config], { stdio: 'ignore' }))
    }
    for (const host of hosts) {
      for (let tries = 0; !(await answers(host)); tries++) {
        if (tries > 200) throw new Error(`sshd on ${host} did not start`)
        await setTimeout(50)
      }
    }
    const fingerprint = /SHA256:\S+/.exec(stdout)?.[0] ?? ''
    const { username, home } = account
    return { hosts, port: PORT, username, key, vzen: join(folder, 'vzen'), fingerprint, folder: home, close }
  } catch (cause) {
    await close()
    throw cause
  }
}
