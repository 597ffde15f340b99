import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'

import { SSHConfig } from 'ssh-config'

import { ConfigError } from '../../model/error.ts'

/** What an `ssh_config` says of a host, as far as it is honoured here. */
export interface SshConfigEntry {
  readonly hostName?: string | undefined
  readonly port?: number | undefined
  readonly username?: string | undefined
  /** Absolute paths. */
  readonly identityFiles: readonly string[]
  /** As written: `admin@bastion:2222`, the first one dialled first; empty where there is none. */
  readonly proxyJump: readonly string[]
  /** Absolute paths; nothing where the usual ones hold. */
  readonly knownHosts?: readonly string[] | undefined
}

/** An `ssh_config` with everything that it includes. */
export interface SshConfigFile {
  find(host: string, options: { readonly username: string | undefined }): SshConfigEntry
}

const FOLDER = join(homedir(), '.ssh')

/** The user’s own. */
export const USUAL_SSH_CONFIG = join(FOLDER, 'config')

/** As deep as OpenSSH goes, which is how it ends a file that includes itself. */
const DEPTH = 16

const expandHome = (path: string): string => path.replace(/^~(?=\/|$)/, homedir())

/** The files that a pattern of `Include` names, in order; wildcards are understood in file names. */
async function listIncluded(pattern: string): Promise<readonly string[]> {
  const path = resolve(FOLDER, expandHome(pattern))
  const name = basename(path)
  if (!/[*?]/.test(name)) return [path]
  const source = name
    .replaceAll(/[\\^$.+()|[\]{}]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const names = await readdir(dirname(path)).catch(() => [])
  return names
    .filter((each) => new RegExp(`^${source}$`, 's').test(each))
    .sort()
    .map((each) => join(dirname(path), each))
}

/** Reads a file and puts what it includes in the place of each `Include`. */
async function readWhole(path: string, { depth, must }: { depth: number; must: boolean }): Promise<string> {
  if (depth > DEPTH)
    throw new ConfigError(`${path} is included more than ${DEPTH} files deep`, {
      hint: 'does it include itself?',
    })
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (!must) return ''
    throw new ConfigError(`the ssh_config ${path} cannot be read`, {
      hint: 'the inventory asks for it by `ssh: { config }`',
      cause,
    })
  }
  const lines: string[] = []
  // What an included file ends with must not swallow what stands after the line that includes it.
  let block = 'Host *'
  for (const line of text.split('\n')) {
    if (/^\s*(?:host|match)[\s=]/i.test(line)) block = line
    const [, written] = /^\s*include[\s=]+(.+)$/i.exec(line) ?? []
    if (written === undefined) {
      // It would have names looked up, by a program, while everything else stands still.
      if (!/^\s*canonicalize/i.test(line)) lines.push(line)
      continue
    }
    for (const pattern of written.trim().split(/\s+/))
      for (const file of await listIncluded(pattern.replaceAll('"', '')))
        lines.push(await readWhole(file, { depth: depth + 1, must: false }), block)
  }
  return lines.join('\n')
}

function listOf(value: unknown): readonly string[] {
  const words = Array.isArray(value) ? value : typeof value === 'string' ? [value] : []
  return words.filter((word): word is string => typeof word === 'string')
}

/** Puts host, user and home directory into a path that has places for them. */
function expandPath(
  path: string,
  { host, hostName, username }: { host: string; hostName: string; username: string | undefined },
): string {
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    h: hostName,
    n: host,
    r: username ?? '',
    d: homedir(),
  }
  return resolve(
    FOLDER,
    expandHome(path.replaceAll(/%([%hnrd])/g, (_, letter: string) => values[letter] ?? '')),
  )
}

/** Reads an `ssh_config`. `Match exec` never matches: nothing is run to find out how to connect. */
export async function readSshConfig(path: string): Promise<SshConfigFile> {
  const text = await readWhole(path, { depth: 1, must: true })
  let parsed: ReturnType<typeof SSHConfig.parse>
  try {
    parsed = SSHConfig.parse(text)
  } catch (cause) {
    throw new ConfigError(`the ssh_config ${path} cannot be understood: ${(cause as Error).message}`, {
      cause,
    })
  }
  return {
    find(host, { username: given }) {
      const options = { ignoreCase: true, matchExec: false }
      const subject = given === undefined ? { Host: host } : { Host: host, User: given }
      const found: Readonly<Record<string, unknown>> = { ...parsed.compute(subject, options) }
      const [hostName = host] = listOf(found['hostname']).map((name) => name.replaceAll('%h', host))
      const [username = given] = listOf(found['user'])
      const [port] = listOf(found['port'])
      const paths = (key: string): readonly string[] =>
        listOf(found[key]).map((value) => expandPath(value, { host, hostName, username }))
      const jumps = listOf(found['proxyjump']).flatMap((value) => value.split(/[,\s]+/))
      return {
        hostName,
        port: port === undefined ? undefined : Number(port),
        username,
        identityFiles: paths('identityfile'),
        proxyJump: jumps.some((jump) => jump.toLowerCase() === 'none') ? [] : jumps,
        knownHosts: found['userknownhostsfile'] === undefined ? undefined : paths('userknownhostsfile'),
      }
    },
  }
}
