import { describe, expect, it } from 'vitest'

import {
  type OpenSecretsOptions,
  openSecrets,
  renderStandIn,
  selectSecrets,
  type WantedSecret,
} from '../../src/load/open-secrets.ts'
import { ConfigError } from '../../src/model/error.ts'
import { documentedSecret, secret, type Secret } from '../../src/model/secret.ts'
import { createTestProject } from './support/project.ts'

const project = await createTestProject()

const want = (one: Secret, path = 'password', target = 'estate'): WantedSecret => ({
  secret: one,
  path,
  target,
  folder: project.folder,
})

const surroundings = (options: Partial<OpenSecretsOptions> = {}): OpenSecretsOptions => ({
  lab: false,
  signal: new AbortController().signal,
  environment: { PATH: process.env['PATH'] },
  ask: () => Promise.resolve(undefined),
  ...options,
})

async function open(one: Secret, options: Partial<OpenSecretsOptions> = {}): Promise<string> {
  await openSecrets([want(one)], surroundings(options))
  return one.reveal()
}

async function refusal(
  wanted: readonly WantedSecret[],
  options: Partial<OpenSecretsOptions> = {},
): Promise<ConfigError> {
  const error = await openSecrets(wanted, surroundings(options)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(ConfigError)
  return error as ConfigError
}

describe('a secret is opened', () => {
  it('from the environment', async () => {
    expect(await open(secret.env('VC'), { environment: { VC: ' with blanks ' } })).toBe(' with blanks ')
  })

  it('from a file beside the inventory, without its last line break', async () => {
    await project.write('pw', 'first\nsecond\r\n')
    expect(await open(secret.file('pw'))).toBe('first\nsecond')
  })

  it('from a command, by the shell, as the user would run it', async () => {
    expect(
      await open(secret.command('printf %s "$A" | tr a-z A-Z; echo'), {
        environment: { ...process.env, A: 'quiet' },
      }),
    ).toBe('QUIET')
  })

  it('from a person, who is asked once for what is written twice', async () => {
    const asked: string[] = []
    const ask = (question: string) => {
      asked.push(question)
      return Promise.resolve('typed')
    }
    const both = [secret.prompt('Password?'), secret.prompt('Password?'), secret.prompt('Other?')]
    await openSecrets(
      both.map((one) => want(one)),
      surroundings({ ask }),
    )
    expect(both.map((one) => one.reveal())).toEqual(['typed', 'typed', 'typed'])
    expect(asked).toEqual(['Password?', 'Other?'])
  })

  it('from an age-encrypted text', async () => {
    const { armor, Encrypter, generateIdentity, identityToRecipient } = await import('age-encryption')
    const identity = await generateIdentity()
    const encrypter = new Encrypter()
    encrypter.addRecipient(await identityToRecipient(identity))
    const text = armor.encode(await encrypter.encrypt('aged'))
    const path = await project.write('age.txt', `# created today\n${identity}\n`)
    expect(await open(secret.age(text), { environment: { RUNBOOK_AGE_IDENTITY: path } })).toBe('aged')
    const stranger = await project.write('other.txt', await generateIdentity())
    const error = await refusal([want(secret.age(text))], { environment: { RUNBOOK_AGE_IDENTITY: stranger } })
    expect(error.issues[0]?.message).toContain('does not open')
  })

  it('once, when several places hold the same one, and not at all when it is open', async () => {
    const shared = secret.env('VC')
    const documented = documentedSecret('zsroot')
    await openSecrets(
      [want(shared, 'a'), want(shared, 'b'), want(documented)],
      surroundings({ environment: { VC: 'x' } }),
    )
    expect(shared.reveal()).toBe('x')
    expect(documented.reveal()).toBe('zsroot')
  })
})

describe('in the lab', () => {
  it('a secret is a stand-in, and nothing is looked up', async () => {
    const asked: string[] = []
    const ask = (question: string) => {
      asked.push(question)
      return Promise.resolve('real')
    }
    const wanted = [
      secret.env('VC'),
      secret.file('/nowhere'),
      secret.command('touch /should-not-be'),
      secret.prompt('?'),
      secret.age('x'),
    ]
    await openSecrets(
      wanted.map((one) => want(one)),
      surroundings({ lab: true, environment: { VC: 'real' }, ask }),
    )
    expect(wanted.map((one) => one.reveal())).toEqual(wanted.map(({ source }) => renderStandIn(source)))
    expect(new Set(wanted.map((one) => one.reveal())).size).toBe(wanted.length)
    expect(asked).toEqual([])
  })

  it('a stand-in is the same in every process, and fits a keyboard', () => {
    expect(renderStandIn({ kind: 'env', name: 'VSE_PASSWORD' })).toBe(
      renderStandIn({ kind: 'env', name: 'VSE_PASSWORD' }),
    )
    expect(renderStandIn({ kind: 'env', name: 'VSE_PASSWORD' })).toMatch(/^[\w-]{20,30}$/)
  })
})

describe('secrets that cannot be had', () => {
  it('are told all at once, each with its places and what to do', async () => {
    const error = await refusal(
      [
        want(secret.env('MISSING_ONE'), 'zia.login.password'),
        want(secret.env('MISSING_ONE'), 'zia.login.apiKey'),
        want(secret.env('EMPTY'), 'password'),
        want(secret.file('nowhere'), 'sites.fra.vcenter.password', 'fra'),
        want(secret.command('echo oops >&2; exit 3'), 'x'),
        want(secret.age('text'), 'y'),
      ],
      { environment: { EMPTY: '', PATH: process.env['PATH'] } },
    )
    expect(error.message).toContain('5 secrets')
    expect(error.issues.map(({ path }) => path).toSorted()).toEqual([
      'password',
      'sites.fra.vcenter.password',
      'x',
      'y',
      'zia.login.password, zia.login.apiKey',
    ])
    const messages = error.issues.map(({ message }) => message).join('\n')
    for (const words of [
      'MISSING_ONE is not set',
      'EMPTY is empty',
      'nowhere (ENOENT)',
      'echo failed (3): oops',
      'RUNBOOK_AGE_IDENTITY is not set',
    ]) {
      expect(messages).toContain(words)
    }
    expect(error.issues.every(({ hint }) => hint !== undefined)).toBe(true)
  })

  it('are told before anybody is asked anything', async () => {
    const asked: string[] = []
    const ask = (question: string) => {
      asked.push(question)
      return Promise.resolve('typed')
    }
    await refusal([want(secret.prompt('Password?')), want(secret.env('MISSING'))], { ask })
    expect(asked).toEqual([])
  })

  it('say that there is nobody to ask', async () => {
    const error = await refusal([want(secret.prompt('Password of the vCenter'))])
    expect(error.issues[0]?.message).toContain('nobody to ask for “Password of the vCenter”')
  })

  it('never repeat what a command printed on its output', async () => {
    const error = await refusal([want(secret.command('echo half-a-secret; exit 1'))])
    expect(JSON.stringify([error.message, error.issues])).not.toContain('half-a-secret;')
    expect(error.issues[0]?.message).toBe('the command echo failed (1)')
  })

  it('do not fill the memory: a command that never stops printing is stopped', async () => {
    const error = await refusal([want(secret.command('yes'))])
    expect(error.issues[0]?.message).toContain('the command yes')
  })

  it('do not keep a run that is stopped', async () => {
    const abort = new AbortController()
    const opening = openSecrets([want(secret.command('sleep 60'))], surroundings({ signal: abort.signal }))
    abort.abort(new DOMException('stop', 'AbortError'))
    await expect(opening).rejects.toThrow('stop')
  })
})

describe('the secrets of some targets', () => {
  it('are those of the targets themselves and of what stands above them, as named', () => {
    const wanted = [
      want(secret.env('A'), 'a'),
      want(secret.env('B'), 'b', 'fra'),
      want(secret.env('C'), 'c', 'muc'),
    ]
    expect(selectSecrets(wanted, new Set(['estate', 'fra'])).map(({ path }) => path)).toEqual(['a', 'b'])
  })
})
