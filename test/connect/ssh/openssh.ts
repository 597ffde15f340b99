import { execFile, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

import { parseFingerprint } from '../../../src/connect/host-keys.ts'
import { findProgram } from '../../support/find-program.ts'

// Whoever may run these programs does not always have them on the path.
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }

const run = (program: string, args: readonly string[]): Promise<{ readonly stdout: string }> =>
  promisify(execFile)(program, args, { env })

/** OpenSSH's own server. Only root can let somebody log in with a password, so to others it is not there. */
export const sshd = {
  find: () => {
    const needed = ['useradd', 'ssh-keygen', 'tcsh', 'sudo']
    const complete = needed.every(
      (name) => findProgram(name, ['/usr/sbin', '/usr/bin', '/bin']) !== undefined,
    )
    return process.getuid?.() === 0 && complete ? findProgram('sshd', ['/usr/sbin']) : undefined
  },
  howToGet: 'apt-get install openssh-server sudo tcsh, and run this as root',
}

/** Somebody of this machine who is there for the length of a suite. */
export interface Account {
  readonly username: string
  readonly password: string
  /** Their home directory, which they own. */
  readonly home: string
  /** From now on they have to change their password when they log in. */
  expire(): Promise<void>
  remove(): Promise<void>
}

/** Adds an account with a password of its own, who may use `sudo`. */
export async function addAccount({ shell }: { readonly shell: string }): Promise<Account> {
  const username = `runbook-${randomBytes(4).toString('hex')}`
  const password = randomBytes(12).toString('base64')
  const parent = await mkdtemp(join(tmpdir(), 'home-'))
  const home = join(parent, username)
  await chmod(parent, 0o755)
  await run('useradd', [
    '--no-create-home',
    '--home-dir',
    home,
    '--shell',
    shell,
    '--groups',
    'sudo',
    username,
  ])
  const expire = async (): Promise<void> => {
    await run('chage', ['--lastday', '0', username])
  }
  const remove = async (): Promise<void> => {
    await run('userdel', ['--force', username])
    await rm(parent, { recursive: true, force: true })
  }
  try {
    spawnSync('chpasswd', [], { env, input: `${username}:${password}\n` })
    const { stdout } = await run('id', ['-u', username])
    await mkdir(home, { mode: 0o755 })
    await chown(home, Number(stdout), -1)
  } catch (cause) {
    await remove()
    throw cause
  }
  return { username, password, home, expire, remove }
}

/** How a server differs from one that takes passwords through PAM only. */
export interface SshdOptions {
  /** Lines of its configuration; the first of a kind wins, so these do. */
  readonly settings?: readonly string[]
  readonly keyType?: 'ed25519' | 'ecdsa' | 'rsa'
  /** Offers SFTP, as it does by default. */
  readonly sftp?: boolean
}

/** A running `sshd`. */
export interface Sshd {
  readonly port: number
  /** Of its host key, as `ssh-keygen` prints it. */
  readonly fingerprint: string
  /** Its host key as `known_hosts` writes it: type and base64. */
  readonly publicKey: string
  /** What it has logged when a line with these words is there. */
  logged(words: string): Promise<readonly string[]>
  /** Stops listening; sessions that are open stay. */
  stop(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Starts a server on loopback with a host key of its own. */
export async function startSshd(
  program: string,
  { settings = [], keyType = 'ed25519', sftp = true }: SshdOptions = {},
): Promise<Sshd> {
  // It insists on an empty directory here, which on a machine without a running sshd nobody has made.
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const folder = await mkdtemp(join(tmpdir(), 'sshd-'))
  const [key, config] = [join(folder, 'key'), join(folder, 'config')]
  await run('ssh-keygen', ['-q', '-t', keyType, '-N', '', '-f', key])
  const { stdout } = await run('ssh-keygen', ['-l', '-f', `${key}.pub`])
  const port = await freePort()
  const text = [
    ...settings,
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${key}`,
    'PidFile none',
    'LogLevel VERBOSE',
    'UsePAM yes',
    'PubkeyAuthentication no',
    'KbdInteractiveAuthentication yes',
    'PasswordAuthentication no',
    ...(sftp ? ['Subsystem sftp /usr/lib/openssh/sftp-server'] : []),
  ]
  await writeFile(config, `${text.join('\n')}\n`)
  const child = spawn(program, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  const log: string[] = []
  const lines = createInterface({ input: child.stderr }).on('line', (line) => log.push(line))
  const logged = async (words: string): Promise<readonly string[]> => {
    while (!log.some((line) => line.includes(words))) await once(lines, 'line')
    return log
  }
  const failed = exited.then(() => {
    throw new Error(`sshd did not start: ${log.join(' / ')}`)
  })
  failed.catch(() => undefined)
  const stop = async (): Promise<void> => {
    child.kill()
    await exited
    await rm(folder, { recursive: true, force: true })
  }
  await Promise.race([logged('Server listening'), failed])
  const [type = '', base64 = ''] = (await readFile(`${key}.pub`, 'utf8')).split(' ')
  const publicKey = `${type} ${base64.trim()}`
  return { port, fingerprint: parseFingerprint(stdout) ?? '', publicKey, logged, stop }
}

/** A folder of links to these programs and no others, to be all of somebody’s `PATH`. */
export async function linkPrograms(names: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'path-'))
  await chmod(folder, 0o755)
  for (const name of names) {
    const program = findProgram(name)
    if (program === undefined) throw new Error(`there is no ${name} on this machine`)
    await symlink(program, join(folder, name))
  }
  return folder
}

/** A key pair in a file, with a passphrase where one is given. */
export async function makeKey(path: string, passphrase = ''): Promise<{ readonly publicKey: string }> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', path])
  return { publicKey: await readFile(`${path}.pub`, 'utf8') }
}
