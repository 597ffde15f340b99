import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join, relative } from 'node:path'
import { text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'

import ssh2 from 'ssh2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openAuthority } from '../../src/lab/authority.ts'
import { renderStandIn } from '../../src/load/open-secrets.ts'
import { encodingsOf } from '../../src/report/encodings.ts'
import { createDocumentStore } from '../../src/state/document-store.ts'
import { startServer } from '../connect/ssh/server.ts'
import { writeEstate } from '../load/support/written.ts'
import { openFreshProject, type Ended, type FreshProject } from '../support/fresh-project.ts'

/** Secrets by the environment variable that holds them. */
type Secrets = Readonly<Record<string, string>>

/** A text that must not give a secret away. */
interface Exposed {
  readonly where: string
  readonly text: string
}

/** Whether twelve characters are what the ZIA sign-in makes of an API key at some time. */
function isObfuscated(text: string, key: string): boolean {
  const digits = (signs: string, shift: number): readonly string[] =>
    Array.from(signs).reduce<readonly string[]>(
      (all, sign) =>
        all.flatMap((left) =>
          Array.from('0123456789')
            .filter((digit) => key[Number(digit) + shift] === sign)
            .map((digit) => left + digit),
        ),
      [''],
    )
  return digits(text.slice(0, 6), 0).some((high) => {
    const low = String(Number(high) >> 1).padStart(6, '0')
    return Array.from(low).every((digit, at) => key[Number(digit) + 2] === text[6 + at])
  })
}

function holdsObfuscated(text: string, key: string): boolean {
  const signs = new Set(key.slice(0, 12))
  let run = 0
  for (let at = 0; at < text.length; at++) {
    run = signs.has(text[at] ?? '') ? run + 1 : 0
    if (run >= 12 && isObfuscated(text.slice(at - 11, at + 1), key)) return true
  }
  return false
}

/** Which secrets a text gives away, and in what form. */
function findLeaks({ where, text }: Exposed, secrets: Secrets): readonly string[] {
  return Object.entries(secrets).flatMap(([name, value]) => {
    const forms = encodingsOf(value).filter((form) => text.includes(form))
    const shown = forms.length > 0 ? [`${where} holds ${name} as ${forms[0] ?? ''}`] : []
    return name.endsWith('API_KEY') && holdsObfuscated(text, value)
      ? [...shown, `${where} holds ${name} obfuscated`]
      : shown
  })
}

/** A middle line of a key: whoever has one line has most of it. */
const lineOf = (pem: string): string => pem.trim().split('\n')[2] ?? ''

/** What stands in a file, unpacked where it is packed. */
function unpack(name: string, content: Buffer): string {
  return (name.endsWith('.tgz') ? gunzipSync(content) : content).toString('latin1')
}

/** Every file below a folder. */
async function readTree(folder: string): Promise<readonly Exposed[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        return { where: relative(folder, path), text: unpack(path, await readFile(path)) }
      }),
  )
}

const printed = (what: string, { stdout, stderr }: Ended): readonly Exposed[] => [
  { where: `${what}: stdout`, text: stdout },
  { where: `${what}: stderr`, text: stderr },
]

/** What else nobody should read in a log: what a session or a machine is known by. */
const TOKENS = /PRIVATE KEY|JSESSIONID|vmware_soap_session|Bearer [\w-]|access_token|"apiKey"|client_secret=/

describe('the canary', () => {
  const secrets = { API_KEY: 'k"1<ä>/2+3 4%5&6\\7\'89' }

  it.each([
    ['plain', `x${secrets.API_KEY}y`],
    ['base64', Buffer.from(`user:${secrets.API_KEY}`).toString('base64')],
    ['base64url', Buffer.from(secrets.API_KEY).toString('base64url')],
    ['hex', Buffer.from(secrets.API_KEY).toString('hex')],
    ['a URL', encodeURIComponent(secrets.API_KEY)],
    ['a form', new URLSearchParams({ a: secrets.API_KEY }).toString()],
    ['JSON', JSON.stringify([secrets.API_KEY])],
  ])('is found in %s', (_form, text) => {
    expect(findLeaks({ where: 'here', text }, secrets)).toHaveLength(1)
  })

  it('is found as the ZIA sign-in sends it', () => {
    const key = 'Lab-0a1b2c3d4e5f6a7b'
    // 1795356999113: the digits 999113, and 499556 two further on.
    const text = Array.from('999113')
      .map((digit) => key[Number(digit)])
      .concat(Array.from('499556').map((digit) => key[Number(digit) + 2]))
    expect(findLeaks({ where: 'here', text: `x ${text.join('')} y` }, { API_KEY: key })).toHaveLength(1)
    expect(findLeaks({ where: 'here', text: 'x 0123456789ab y' }, { API_KEY: key })).toEqual([])
  })
})

const SNMP =
  'snmp={ admin: { username: nms, password: { env: SNMP_PASSWORD } },' +
  ' traps: { receiver: 10.84.0.50, username: nms-traps, password: { env: SNMP_TRAP_PASSWORD } } }'

const FORGETFUL =
  'appliance.wording={ build: odd, commands: { snmp-admin-configure: { replaces: true,' +
  ' prompts: { username: { patterns: [username], answer: "{username}" } } } } }'

const NAMES = [
  'ZIA_PASSWORD',
  'ZIA_API_KEY',
  'VSE_PASSWORD',
  'VC_PASSWORD',
  'SNMP_PASSWORD',
  'SNMP_TRAP_PASSWORD',
]

describe('in the lab', () => {
  const secrets: Secrets = Object.fromEntries(
    [...NAMES, 'ZIA_CLIENT_SECRET'].map((name) => [name, renderStandIn({ kind: 'env', name })]),
  )
  const outputs: Exposed[] = []
  let project: FreshProject
  let argv: string
  const run = async (...args: readonly string[]): Promise<Ended> => {
    const ended = await project.runWith(watchTo(argv), [...args, '-vvv', '--diff', '--set', SNMP])
    outputs.push(...printed(args.join(' '), ended))
    return ended
  }
  beforeAll(async () => {
    project = await openFreshProject()
    argv = join(project.folder, 'argv.txt')
    expect((await run('deploy', '--check', '--reporter', 'json')).code).toBe(0)
    expect((await run('deploy', '--reporter', 'lines')).code).toBe(0)
    expect((await run('verify', '--reporter', 'junit')).code).toBe(0)
    // A conversation that stops in the middle, where a password is asked for in words that nobody knows.
    const stopped = await run('deploy', '--reporter', 'json', '--tags', 'snmp', '--set', FORGETFUL)
    expect(stopped.stdout).toContain('asked something that no rule answers: “SNMPv3 password:”')
    const oneapi =
      '{ kind: oneapi, vanity: acme, clientId: lab-client, clientSecret: { env: ZIA_CLIENT_SECRET } }'
    const login = ['--set', 'zia.cloud=zscalertwo', '--set', `zia.login=${oneapi}`]
    const other = await run('deploy', '--reporter', 'json', '--tags', 'requirements', ...login)
    expect(other.code).toBe(0)
    await project.run('lab', 'fault', 'host-key-changed', 'lab-1-a')
    await project.run('lab', 'fault', 'wrong-certificate', 'lab-1-b')
    expect((await run('deploy', '--reporter', 'json')).code).toBeGreaterThan(1)
    expect((await run('verify', '--reporter', 'lines')).code).toBeGreaterThan(1)
    outputs.push(...printed('console', await project.run('console', 'lab-1-b')))
    outputs.push(...printed('lab status', await project.run('lab', 'status')))
  }, 120_000)
  afterAll(() => project[Symbol.asyncDispose]())

  it('no output of any reporter gives a secret away, however much is asked for', () => {
    expect(outputs.some(({ text }) => text.includes('SNMPv3 password'))).toBe(true)
    expect(outputs.flatMap((one) => findLeaks(one, secrets))).toEqual([])
    expect(outputs.filter(({ text }) => TOKENS.test(text)).map(({ where }) => where)).toEqual([])
  })

  it('a secret is masked where it is asked for, and comes near the output nowhere else', () => {
    const masks = outputs.flatMap(({ text }) => text.match(/.{0,24}•••/g) ?? [])
    expect(masks.length).toBeGreaterThan(0)
    expect(masks.filter((text) => !/password[^:]*: ?•••$/i.test(text))).toEqual([])
  })

  it('no file gives a secret away: what a server of the lab has to check is kept as a salted hash', async () => {
    const files = await readTree(join(project.folder, '.runbook'))
    const names = files.map(({ where }) => where)
    expect(names.some((name) => name.endsWith('journal.jsonl'))).toBe(true)
    expect(names.some((name) => /lab.state.appliance/.test(name))).toBe(true)
    // The audit log of every appliance is among the files of its disk.
    expect(files.some(({ text }) => text.includes('/var/log/auth.log'))).toBe(true)
    expect(files.flatMap((one) => findLeaks(one, secrets))).toEqual([])
    // The lab's own keys live in its state, and the portal's certificates are what a person downloads.
    const ours = files.filter(({ where }) => !/^lab.(state|files)/.test(where) && !where.startsWith('cache'))
    expect(ours.filter(({ text }) => TOKENS.test(text)).map(({ where }) => where)).toEqual([])
  })

  it('no process is started with a secret, here or on an appliance', async () => {
    const text = await readFile(argv, 'utf8')
    const started = ['sudo', 'vzen configure-network', 'vzen install-cert', 'vzen snmp-admin-configure']
    expect(started.filter((command) => !text.includes(command))).toEqual([])
    expect(findLeaks({ where: 'arguments of processes', text }, secrets)).toEqual([])
  })

  it('what a run leaves behind is for its user alone', async () => {
    const files = await readTree(join(project.folder, '.runbook', 'lab'))
    const own = files.filter(({ where }) => !where.startsWith('files'))
    const modes = await Promise.all(
      own.map(async ({ where }) => {
        const { mode } = await stat(join(project.folder, '.runbook', 'lab', where))
        return [where, (mode & 0o777).toString(8)]
      }),
    )
    expect(modes.filter(([, mode]) => mode !== '600')).toEqual([])
  })
})

/** Tells which arguments every process that is started gets, those on the machines of the lab too. */
const WATCH = `import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync } from 'node:fs'
const children = []
const others = new Set()
subscribe('runbook.lab.process', (argv) => others.add(argv.join(' ')))
subscribe('child_process', ({ process: child }) => children.push(child))
process.on('exit', () => {
  for (const line of [...others, ...children.map((child) => child.spawnargs.join(' '))])
    appendFileSync(process.env.ARGV_LOG, line + '\\n')
})`

/** What has a run write down which processes were started with what. */
const watchTo = (log: string): Secrets => ({
  ARGV_LOG: log,
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(WATCH)}`,
})

/** Answers everything with a refusal that says back what it was told, the whole of it. */
async function openEcho(folder: string) {
  const authority = await openAuthority(createDocumentStore({ folder }))
  const { certificate, key } = await authority.issue({ commonName: 'echo', names: ['127.0.0.1'] })
  const heard: string[] = []
  async function refuse(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    heard.push(body)
    const isSoap = request.url?.startsWith('/sdk') === true
    if (!isSoap) {
      const said = `${request.method ?? ''} ${request.url ?? ''} ${JSON.stringify(request.headers)} ${body}`
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ code: 'INVALID', message: said }))
      return
    }
    const isFirst = body.includes('RetrieveServiceContent')
    response.writeHead(isFirst ? 200 : 500, { 'content-type': 'text/xml' })
    response.end(renderEnvelope(isFirst ? CONTENT : renderFault(body)))
  }
  const server = createServer({ cert: certificate, key }, (request, response) => {
    void refuse(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    root: authority.pem,
    thumbprint: new X509Certificate(certificate).fingerprint256,
    heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const renderEnvelope = (body: string): string =>
  '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ' +
  `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`

const renderFault = (said: string): string =>
  '<soapenv:Fault><faultcode>ServerFaultCode</faultcode>' +
  `<faultstring>${said.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</faultstring></soapenv:Fault>`

/** As little of a vCenter as it takes to be logged in to. */
const CONTENT =
  '<RetrieveServiceContentResponse xmlns="urn:vim25"><returnval><rootFolder type="Folder">group-d1</rootFolder>' +
  '<propertyCollector type="PropertyCollector">propertyCollector</propertyCollector>' +
  '<viewManager type="ViewManager">ViewManager</viewManager><about><name>VMware vCenter Server</name>' +
  '<fullName>VMware vCenter Server 8.0.3</fullName><vendor>VMware, Inc.</vendor><version>8.0.3</version>' +
  '<build>1</build><osType>linux-x64</osType><productLineId>vpx</productLineId><apiType>VirtualCenter</apiType>' +
  '<apiVersion>8.0.3.0</apiVersion></about><sessionManager type="SessionManager">SessionManager</sessionManager>' +
  '</returnval></RetrieveServiceContentResponse>'

describe('in the real world', () => {
  const ziaKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  const sshKey = ssh2.utils.generateKeyPairSync('ecdsa', {
    bits: 256,
    passphrase: 'pass phrase & more',
    cipher: 'aes256-ctr',
    rounds: 4,
  }).private
  const secrets: Secrets = {
    ZIA_PASSWORD: 'zia "p&ss" <1> ä\\',
    ZIA_API_KEY: "k'9x8c7v6b5n4m3",
    VSE_PASSWORD: 'vse%41 /+p?=#',
    VC_PASSWORD: 'vc]]>&amp;{"p"}',
    JUMP_PASSWORD: 'jump <host> "1"',
    KEY_PASSPHRASE: 'pass phrase & more',
    ZIA_PRIVATE_KEY: ziaKey,
    LINE_OF_ZIA_PRIVATE_KEY: lineOf(ziaKey),
    LINE_OF_SSH_KEY: lineOf(sshKey),
    HIDDEN: 'printed by a command',
  }
  let project: FreshProject
  beforeAll(async () => {
    project = await openFreshProject()
    await mkdir(join(project.folder, 'bad'))
  })
  afterAll(() => project[Symbol.asyncDispose]())

  /** An inventory whose systems are on these ports of this machine. */
  async function writeInventory(
    port: number,
    {
      thumbprint,
      ssh,
      zia = {},
    }: { readonly thumbprint?: string; readonly ssh?: object; readonly zia?: object } = {},
  ): Promise<string> {
    const estate = writeEstate()
    estate.zia = {
      cloud: 'zscalertwo',
      apiUrl: `https://127.0.0.1:${port}/api/v1`,
      login: {
        kind: 'legacy',
        username: 'me',
        password: { env: 'ZIA_PASSWORD' },
        apiKey: { env: 'ZIA_API_KEY' },
      },
      ...zia,
    }
    const site = estate.sites['fra']
    if (site === undefined) throw new TypeError('the site is missing')
    if (ssh !== undefined) site['ssh'] = ssh
    site.vcenter = { host: '127.0.0.1', port, username: 'svc', password: { env: 'VC_PASSWORD' }, thumbprint }
    estate['snmp'] = { admin: { username: 'nms', password: { command: 'cat bad/hidden' } } }
    const file = join('bad', `on-${port}.json`)
    await writeFile(join(project.folder, 'bad', 'hidden'), secrets['HIDDEN'] ?? '')
    await writeFile(join(project.folder, file), JSON.stringify(estate))
    return file
  }

  it('a system that cannot be reached is told of without a secret, and no process is started with one', async () => {
    const file = await writeInventory(1)
    const log = join(project.folder, 'argv.txt')
    const env = { ...secrets, ...watchTo(log) }
    // A check of types that passed before would be believed, and no process started for it.
    await rm(join(project.folder, '.runbook', 'cache'), { recursive: true })
    const exposed: Exposed[] = []
    for (const reporter of ['lines', 'json']) {
      const ended = await project.runWith(env, ['deploy', '-i', file, '-vvv', '--reporter', reporter])
      expect(ended.stdout).toContain('ECONNREFUSED')
      expect(ended.code).toBe(4)
      exposed.push(...printed(reporter, ended))
    }
    // Over a jump host that refuses its password, and a key that it does not take either.
    const jump = await startServer({ methods: ['publickey', 'keyboard-interactive'], takesKeys: false })
    try {
      await writeFile(join(project.folder, 'bad', 'key'), sshKey, { mode: 0o600 })
      const keys = [{ file: 'key', passphrase: { env: 'KEY_PASSPHRASE' } }]
      const password = { env: 'JUMP_PASSWORD' }
      const between = {
        host: '127.0.0.1',
        port: jump.port,
        user: 'ops',
        password,
        keys,
        hostKey: 'first-use',
      }
      const login = { kind: 'oneapi', vanity: 'acme', clientId: 'c', privateKey: { env: 'ZIA_PRIVATE_KEY' } }
      const over = await writeInventory(jump.port, { ssh: { keys, jumps: [between] }, zia: { login } })
      const ended = await project.runWith(env, ['verify', '-i', over, '-vvv', '--reporter', 'lines'])
      expect(ended.code).toBe(4)
      expect(jump.attempts).toContainEqual({ method: 'publickey' })
      expect(jump.attempts.map(({ password: given }) => given)).toContain(secrets['JUMP_PASSWORD'])
      exposed.push(...printed('over a jump host', ended))
    } finally {
      await jump.close()
    }
    const argv = await readFile(log, 'utf8')
    expect(argv).toContain('tsc')
    expect(argv).toContain('cat bad/hidden')
    exposed.push({ where: 'arguments of processes', text: argv })
    exposed.push(...(await readTree(join(project.folder, '.runbook'))))
    expect(exposed.flatMap((one) => findLeaks(one, secrets))).toEqual([])
  })

  it('a system that says back what it was told gives nothing away', async () => {
    await using echo = await openEcho(join(project.folder, 'echo'))
    const file = await writeInventory(echo.port, { thumbprint: echo.thumbprint })
    const root = join(project.folder, 'root.pem')
    await writeFile(root, echo.root)
    const exposed: Exposed[] = []
    for (const start of [
      'preflight/zia-has-licences-rights-and-room',
      'preflight/vsphere-has-everything-that-the-site-needs',
    ]) {
      for (const reporter of ['lines', 'json', 'junit']) {
        const args = ['deploy', '-i', file, '-vvv', '--reporter', reporter, '--start-at', start]
        const ended = await project.runWith({ ...secrets, NODE_EXTRA_CA_CERTS: root }, args)
        expect(ended.code).toBeGreaterThan(1)
        exposed.push(...printed(`${start} ${reporter}`, ended))
      }
    }
    const login = { kind: 'oneapi', vanity: 'acme', clientId: 'c', privateKey: { env: 'ZIA_PRIVATE_KEY' } }
    const zia = { cloud: 'zscalertwo', tokenUrl: `https://127.0.0.1:${echo.port}/oauth2/v1/token`, login }
    const oneapi = await writeInventory(echo.port, { thumbprint: echo.thumbprint, zia })
    const start = ['--start-at', 'preflight/zia-has-licences-rights-and-room']
    const args = ['deploy', '-i', oneapi, '-vvv', '--reporter', 'lines', ...start]
    const signed = await project.runWith({ ...secrets, NODE_EXTRA_CA_CERTS: root }, args)
    expect(signed.code).toBeGreaterThan(1)
    exposed.push(...printed('OneAPI with a key', signed))
    const heard = echo.heard.join('\n')
    expect(heard).toContain('client_assertion=')
    const assertions = echo.heard.map((body) => new URLSearchParams(body).get('client_assertion') ?? '')
    expect(
      exposed.filter(({ text: shown }) => assertions.some((one) => one !== '' && shown.includes(one))),
    ).toEqual([])
    for (const name of ['ZIA_PASSWORD', 'VC_PASSWORD', 'ZIA_API_KEY']) {
      expect(findLeaks({ where: 'wire', text: heard }, secrets).join('\n')).toContain(name)
    }
    exposed.push(...(await readTree(join(project.folder, '.runbook'))))
    expect(exposed.flatMap((one) => findLeaks(one, secrets))).toEqual([])
  })

  it('a module that gives a secret away is stopped at the door, in the journal, too', async () => {
    const file = await writeInventory(1)
    await writeFile(
      join(project.folder, 'bad', 'careless.ts'),
      `import { z } from 'zod'
import { vse } from '#inventory/schema/vse'
import { defineModule, defineRunbook, ModuleError, type Secret } from '#sdk'
const careless = defineModule({
  name: 'bad/careless', summary: 'S', connection: 'none',
  params: z.strictObject({ secret: z.custom<Secret>(), fails: z.boolean() }),
  async read({ params, warn }) {
    warn('the password is ' + params.secret.reveal())
    if (params.fails) throw new ModuleError('not ' + params.secret.reveal(), { hint: encodeURIComponent(params.secret.reveal()) })
    return params.secret.reveal()
  },
  diff: (facts) => [{ path: 'password', from: facts, to: Buffer.from(facts).toString('base64') }],
  async apply() {},
})
export default defineRunbook(vse, {
  name: 'careless', summary: 'S',
  phases: ({ phase }) => [phase({ number: 1, name: 'Leak', per: 'node', steps: ({ step }) => [
    step('One', ({ estate }) => careless({ secret: estate.password, fails: false }), { ignoreFailure: true }),
    step('Two', ({ estate }) => careless({ secret: estate.password, fails: true })),
  ] })],
})
`,
    )
    const exposed: Exposed[] = []
    for (const reporter of ['lines', 'json', 'junit']) {
      const args = ['bad/careless.ts', '-i', file, '-vvv', '--diff', '--reporter', reporter]
      const ended = await project.runWith(secrets, args)
      expect(`${ended.stdout}${ended.stderr}`).toContain('•••')
      expect(ended.code).toBe(2)
      exposed.push(...printed(reporter, ended))
    }
    exposed.push(...(await readTree(join(project.folder, '.runbook'))))
    expect(exposed.flatMap((one) => findLeaks(one, secrets))).toEqual([])
  })
})
