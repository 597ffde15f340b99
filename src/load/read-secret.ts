import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { ConfigError } from '../model/error.ts'
import type { SecretSource } from '../model/secret.ts'
import { renderPath } from './place.ts'

/** No secret is longer. */
const MOST_CHARACTERS = 64 * 1024
/** Long enough for a person to confirm on another device. */
const COMMAND_TIMEOUT_MS = 120_000

const IDENTITY = 'RUNBOOK_AGE_IDENTITY'

/** What reading secrets needs from around it. */
export interface SecretSurroundings {
  readonly signal: AbortSignal
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Asks on the terminal without an echo; nothing where there is nobody to ask. */
  ask(question: string, options: { readonly signal: AbortSignal }): Promise<string | undefined>
}

function withoutLastBreak(text: string): string {
  return text.replace(/\r?\n$/, '')
}

async function readSecretFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new ConfigError(`cannot read ${renderPath(path)} (${cause.code ?? cause.message})`, {
      hint: 'put the secret there, readable for you alone',
      cause,
    })
  })
  return withoutLastBreak(text)
}

/** Runs a command of the user's by the shell, as the user would; nothing of ours becomes part of its text. */
function runCommand(command: string, { environment, signal }: SecretSurroundings): Promise<string> {
  return new Promise((done, fail) => {
    const options = {
      env: { ...environment },
      signal,
      timeout: COMMAND_TIMEOUT_MS,
      maxBuffer: MOST_CHARACTERS,
      encoding: 'utf8' as const,
    }
    const child = execFile('/bin/sh', ['-c', command], options, (cause, output, complaint) => {
      if (cause === null) return done(withoutLastBreak(output))
      // Only what it says about itself: its output may be half a secret.
      const said = complaint.trim().split('\n', 1)[0]?.slice(0, 200) ?? ''
      const reason =
        cause.killed === true
          ? `was stopped after ${COMMAND_TIMEOUT_MS / 1000} s`
          : `failed (${String(cause.code ?? cause.signal)})`
      fail(
        new ConfigError(
          `the command ${command.split(' ', 1)[0] ?? ''} ${reason}${said === '' ? '' : `: ${said}`}`,
          {
            hint: 'run it by hand in the same terminal; it has to print the secret and nothing else',
          },
        ),
      )
    })
    child.stdin?.end()
  })
}

async function decrypt(text: string, { environment }: SecretSurroundings): Promise<string> {
  const path = environment[IDENTITY]
  if (path === undefined || path === '') {
    throw new ConfigError(`${IDENTITY} is not set, and a secret is encrypted with age`, {
      hint: `set ${IDENTITY} to the file of your age identity`,
    })
  }
  const identities = (await readSecretFile(path)).split('\n').map((one) => one.trim())
  const { armor, Decrypter } = await import('age-encryption')
  try {
    const decrypter = new Decrypter()
    for (const identity of identities) {
      if (identity !== '' && !identity.startsWith('#')) decrypter.addIdentity(identity)
    }
    return withoutLastBreak(await decrypter.decrypt(armor.decode(text), 'text'))
  } catch (cause) {
    throw new ConfigError(
      `${renderPath(path)} does not open an age-encrypted secret: ${(cause as Error).message}`,
      {
        hint: 'encrypt it again to your recipient (age -a -r …), or name the right identity',
        cause,
      },
    )
  }
}

async function read(source: SecretSource, folder: string, around: SecretSurroundings): Promise<string> {
  switch (source.kind) {
    case 'env': {
      const value = around.environment[source.name]
      if (value !== undefined) return value
      throw new ConfigError(`the environment variable ${source.name} is not set`, {
        hint: `export ${source.name}=…`,
      })
    }
    case 'file':
      return readSecretFile(resolve(folder, source.path))
    case 'command':
      return runCommand(source.command, around)
    case 'prompt': {
      const answer = await around.ask(source.question, { signal: around.signal })
      if (answer !== undefined) return answer
      throw new ConfigError(`there is nobody to ask for “${source.question}”`, {
        hint: 'run it on a terminal, or keep the secret in an environment variable, a file or a command',
      })
    }
    case 'age':
      return decrypt(source.text, around)
    case 'documented':
      return source.text
  }
}

/** Gets the value of a secret from where it is kept. Throws a `ConfigError` that says where it was looked for. */
export async function readSecret(
  { source, folder }: { readonly source: SecretSource; readonly folder: string },
  around: SecretSurroundings,
): Promise<string> {
  const value = await read(source, folder, around)
  if (value === '') {
    throw new ConfigError(
      `the secret from ${source.kind === 'env' ? source.name : `its ${source.kind}`} is empty`,
      {
        hint: 'put the secret there',
      },
    )
  }
  return value
}
