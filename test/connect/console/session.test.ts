import { describe, expect, test } from 'vitest'

import { createGlyphBook } from '../../../src/connect/console/glyph-book.ts'
import { controlKey, ENTER, keysOf } from '../../../src/connect/console/keys.ts'
import type { Key } from '../../../src/connect/console/port.ts'
import { createScreenReader } from '../../../src/connect/console/screen.ts'
import { openConsoleSession } from '../../../src/connect/console/session.ts'
import type { Evidence } from '../../../src/connect/evidence.ts'
import { createLabClock } from '../../../src/lab/clock.ts'
import { CommandError, ConnectError, ModuleError, TimeoutError } from '../../../src/model/error.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import { sh } from '../../../src/shell/sh.ts'
import { newEdge, runEdge, type EdgeState } from './edge.ts'
import { createTextScreen, type Form, type TextScreenOptions } from './text-screen.ts'

const clock = createLabClock(500)
const signal = new AbortController().signal
const wanted = documentedSecret('Wanted-Pass_word1')
const initial = documentedSecret('zsroot')

function consoleOf(
  state: EdgeState,
  {
    book = createGlyphBook(),
    evidence,
    ...options
  }: TextScreenOptions & { book?: ReturnType<typeof createGlyphBook>; evidence?: Evidence } = {},
) {
  const port = createTextScreen(runEdge(state), options)
  const reader = createScreenReader(port, { book, clock })
  const session = openConsoleSession(
    { name: 'lab-1-a', username: 'zsroot', port, reader, book, clock, evidence },
    { passwords: [wanted, initial], late: (what) => new TimeoutError(what) },
  )
  return { port, session, book, reader }
}

const network = {
  rules: [
    { name: 'DNS server', prompt: /nameserver.*\[[^\]]*\]:\s*$/, answer: '10.84.0.100' },
    { name: 'management address', prompt: /netmask\) \[[^\]]*\]:\s*$/, answer: '10.84.0.110/24' },
    { name: 'default gateway', prompt: /gateway.*:\s*$/, answer: '10.84.0.200' },
    { name: 'hostname', prompt: /^hostname.*:\s*$/, answer: 'lab-1-a' },
  ],
  failures: [/^Please re-enter.*/m],
  successes: [/Successfully Applied Changes/],
}

describe('a console session', () => {
  test.each(['grey1', 'palette4', 'rgb8', 'rgba8-filtered'] satisfies Form[])(
    'learns the font of a %s picture and logs in with the password that is accepted',
    async (form) => {
      const state = newEdge()
      const { session } = consoleOf(state, { form })
      expect(await session.accepts([wanted, initial], { signal })).toBe(initial)
      expect(state.tried).toEqual(['Wanted-Pass_word1', 'zsroot'])
    },
  )

  test.each(['block', 'underline', 'none', 'blinking'] as const)(
    'copes with a cursor that is %s',
    async (cursor) => {
      const state = newEdge({ password: 'Wanted-Pass_word1' })
      const { session } = consoleOf(state, { cursor })
      const answers = await session.query({ name: sh`hostname`, no: sh`false` }, { signal })
      expect(answers).toEqual({ name: { code: 0, output: 'vse\n' }, no: { code: 1, output: '' } })
    },
  )

  test('tries no password twice', async () => {
    const state = newEdge({ password: 'something else' })
    const { session } = consoleOf(state)
    expect(await session.accepts([wanted, initial], { signal })).toBeUndefined()
    expect(await session.accepts([wanted, initial], { signal })).toBeUndefined()
    await expect(session.query({ name: sh`hostname` }, { signal })).rejects.toMatchObject({ code: 'AUTH' })
    expect(state.tried).toHaveLength(2)
  })

  test.each([true, false])('changes the password and proves it (forced: %s)', async (forced) => {
    const state = newEdge({ forced })
    const { session, port } = consoleOf(state)
    await session.changePassword(wanted, { current: initial, signal })
    expect(state.password).toBe('Wanted-Pass_word1')
    expect(await session.accepts([wanted], { signal })).toBe(wanted)
    expect(port.text()).not.toContain('Wanted')
  })

  test('keeps the wanted password where that is the one it has already', async () => {
    const state = newEdge({ password: 'Wanted-Pass_word1' })
    const { session } = consoleOf(state)
    await session.changePassword(wanted, { current: initial, signal })
    expect(state.tried).toEqual(['zsroot', 'Wanted-Pass_word1'])
  })

  test('says that the wanted password has to be replaced, where it has expired', async () => {
    const { session } = consoleOf(newEdge({ password: 'Wanted-Pass_word1', forced: true }))
    const expired = { code: 'AUTH', message: 'lab-1-a demands a new password before anything else' }
    const hint = expect.stringContaining('where it has expired, set a new one on the console by hand')
    await expect(session.accepts([wanted, initial], { signal })).rejects.toMatchObject({ ...expired, hint })
    await expect(session.changePassword(wanted, { current: initial, signal })).rejects.toMatchObject(expired)
  })

  test('names both passwords where it was let in by neither', async () => {
    const state = newEdge({ password: 'something else' })
    const { session } = consoleOf(state)
    await expect(session.changePassword(wanted, { current: initial, signal })).rejects.toThrow(
      'accepts neither the wanted nor the initial password',
    )
    expect(state.tried).toEqual(['zsroot', 'Wanted-Pass_word1'])
  })

  test('reports a refused new password and can go on afterwards', async () => {
    const state = newEdge()
    const { session } = consoleOf(state)
    const short = documentedSecret('abc')
    await expect(session.changePassword(short, { current: initial, signal })).rejects.toMatchObject({
      code: 'COMMAND',
    })
    expect(await session.accepts([initial], { signal })).toBe(initial)
  })

  test('holds the conversation of a command under sudo', async () => {
    const state = newEdge()
    const { session } = consoleOf(state)
    await session.converse(sh`vzen configure-network`, { dialogue: network, sudo: true, signal })
    expect(state.network).toEqual({
      dns: '10.84.0.100',
      ip: '10.84.0.110/24',
      gateway: '10.84.0.200',
      hostname: 'lab-1-a',
    })
  })

  test('does not need sudo to ask', async () => {
    const state = newEdge({ sudoAsks: false })
    const { session } = consoleOf(state)
    expect(await session.query({ name: sh`hostname` }, { sudo: true, signal })).toEqual({
      name: { code: 0, output: 'vse\n' },
    })
  })

  test('fails with the printed reason where a value is refused', async () => {
    const { session } = consoleOf(newEdge())
    const dialogue = {
      ...network,
      rules: network.rules.map((rule) =>
        rule.name === 'management address' ? { ...rule, answer: '10.84.0.110' } : rule,
      ),
    }
    await expect(
      session.converse(sh`vzen configure-network`, { dialogue, sudo: true, signal }),
    ).rejects.toThrow(/Please re-enter netmask/)
  })

  test('stops at a prompt that no rule knows, with its text, and leaves a usable console', async () => {
    const { session } = consoleOf(newEdge())
    await expect(
      session.converse(sh`vzen surprise`, { dialogue: network, sudo: true, signal }),
    ).rejects.toThrow(/Feeling lucky\?/)
    expect(await session.query({ name: sh`hostname` }, { signal })).toEqual({
      name: { code: 0, output: 'vse\n' },
    })
  })

  test('reads output that wraps and scrolls', async () => {
    const { session } = consoleOf(newEdge())
    const { long } = await session.query({ long: sh`long` }, { signal })
    expect(long.output.trimEnd().split('\n').at(-1)).toBe(`line 14 ${'x'.repeat(100)}`)
  })

  test('types again what a lossy keyboard swallowed', async () => {
    let count = 0
    const keyboard: TextScreenOptions['keyboard'] = (keys) => {
      count += 1
      if (keys.length > 1 && count % 3 === 0) {
        const kept = keys.slice(0, Math.ceil(keys.length / 2))
        return { taken: kept.length, kept }
      }
      return { taken: keys.length, kept: keys }
    }
    const { session } = consoleOf(newEdge(), { keyboard })
    expect(await session.query({ name: sh`hostname` }, { signal })).toEqual({
      name: { code: 0, output: 'vse\n' },
    })
  })

  test('notices keys that were counted and lost, clears the line and types one by one', async () => {
    let armed = false
    const keyboard: TextScreenOptions['keyboard'] = (keys) => {
      const lose = armed && keys.length > 10
      if (lose) armed = false
      return { taken: keys.length, kept: lose ? keys.filter((_, at) => at !== 3) : keys }
    }
    const state = newEdge()
    const { session } = consoleOf(state, { keyboard })
    await session.accepts([initial], { signal })
    armed = true
    expect(await session.query({ name: sh`hostname` }, { signal })).toEqual({
      name: { code: 0, output: 'vse\n' },
    })
    expect(armed).toBe(false)
    expect(state.commands).toEqual(['hostname'])
  })

  test('gives up on a keyboard that takes nothing', async () => {
    const { session } = consoleOf(newEdge(), { keyboard: () => ({ taken: 0, kept: [] }) })
    await expect(session.accepts([initial], { signal })).rejects.toThrow(/took only 0 of/)
  })

  /** Sits down at a console that shows something, in a font that is known. */
  function sitDown(
    port: ReturnType<typeof createTextScreen>,
    {
      book,
      clock: ticking = clock,
      evidence,
    }: { book: ReturnType<typeof createGlyphBook>; clock?: typeof clock; evidence?: Evidence },
  ) {
    const pressed: string[] = []
    const watched = {
      ...port,
      type: (keys: readonly Key[], given: AbortSignal) => {
        pressed.push(...keys.map(({ usage, control }) => `${control ? '^' : ''}${usage}`))
        return port.type(keys, given)
      },
    }
    const reader = createScreenReader(watched, { book, clock: ticking })
    const session = openConsoleSession(
      { name: 'lab-1-a', username: 'zsroot', port: watched, reader, book, clock: ticking, evidence },
      { passwords: [initial], late: (what) => new TimeoutError(what) },
    )
    return { session, pressed }
  }
  const SENDMAIL =
    'Nov  2 22:00:01 vse sm-mta[652]: My unqualified host name (vse) unknown; sleeping for retry\n'
  const CANCELLED = ['^6', '^7']
  const CLEARED = ['^24']

  /** The font of all the screens here, learned once. */
  let font: Promise<ReturnType<typeof createGlyphBook>> | undefined
  const learnFont = () =>
    (font ??= (async () => {
      const book = createGlyphBook()
      await consoleOf(newEdge(), { book }).session.accepts([initial], { signal })
      return book
    })())

  test.each([
    ['a shell', [], 'hostname\n', CANCELLED],
    ['a command of its own that still runs', [], "sh -c 'forever; echo @@0a1b2c:$?:'\n", CANCELLED],
    ['a question of its own', [], "sh -c 'vzen surprise; echo @@0a1b2c:$?:'\n", CANCELLED],
    ['a line that was not sent', [], "sh -c 'sudo -p", CANCELLED],
    ['a prompt for a password', ['login'], 'zsroot\n', CANCELLED],
    ['half a name', ['login'], 'zsr', CLEARED],
  ])('takes back what an earlier run left: %s', async (...[, [at], text, keys]) => {
    const book = await learnFont()
    const { session, port } = consoleOf(newEdge(), { book })
    if (at !== 'login') await session.accepts([initial], { signal })
    await port.type(keysOf(text.replace('\n', '')), signal)
    if (text.endsWith('\n')) await port.type([ENTER], signal)
    const second = sitDown(port, { book })
    expect(await second.session.accepts([initial], { signal })).toBe(initial)
    expect(second.pressed.slice(0, keys.length)).toEqual(keys)
  })

  test.each([
    SENDMAIL,
    'em0: link state changed to UP\n',
    'arp: 10.84.0.71 moved from 00:50:56:00:00:0a to 00:50:56:00:00:0b on em0\n',
    'pid 1606 (sme), jid 0, uid 0: exited on signal 11 (core dumped)\n',
  ])('takes back a shell that an earlier run left, under a message: %s', async (message) => {
    const book = await learnFont()
    const { session, port } = consoleOf(newEdge(), { book })
    await session.accepts([initial], { signal })
    port.interject(message)
    const second = sitDown(port, { book })
    expect(await second.session.accepts([initial], { signal })).toBe(initial)
    expect(second.pressed.slice(0, 2)).toEqual(CANCELLED)
  })

  test('takes back what was typed to learn a font by somebody who came no further', async () => {
    const port = createTextScreen(runEdge(newEdge()))
    await port.type(keysOf('abcdefghijklmnop'), signal)
    const { session, pressed } = sitDown(port, { book: createGlyphBook() })
    expect(await session.accepts([initial], { signal })).toBe(initial)
    expect(pressed[0]).toBe(CLEARED[0])
  })

  // Of 87 columns, so that its last ones stand alone in a row of their own.
  const OPTIONS = '        options=81009b<RXCSUM,TXCSUM,VLAN_MTU,VLAN_HWTAGGING,VLAN_HWCSUM,VLAN_HWFILTER>'

  const CHECKING = '** /dev/da0p2 (NO WRITE)\n** Phase 1 - Check Blocks and Sizes\n'
  test.each([
    ['a check of its disks', CHECKING, 'Check Blocks and Sizes'],
    ['a check that counts', `${CHECKING}/dev/da0p2: phase 1 cyl group 57 of 612 9%`, '9%'],
    ['a device that is found', 'pcib0: <ACPI Host-PCI bridge>', 'ACPI Host-PCI bridge'],
    ['an interface that it shows', OPTIONS, 'FILTER>'],
    ['an interface that it shows, and a message', `${OPTIONS}\nem0: link state changed to UP\n`, 'to UP'],
    ['a question of its boot', 'Trying to mount root from ufs:/dev/da0p2\nmountroot> ', 'mountroot>'],
    ['single-user mode', 'Enter full pathname of shell or RETURN for /bin/sh:\n# ', '#'],
    ['a locked single-user mode', 'Enter root password, or ^D to go multi-user\nPassword:', 'Password:'],
    [
      'a machine that was halted',
      'login: Stopping cron.\nPlease press any key to reboot.',
      'any key to reboot',
    ],
    ['a person who logs in', 'login: zsroot\nem0: link state changed to UP', 'changed to UP'],
    ['the command of a person', '[zsroot@vse ~]$ tail -f /var/log/messages\nsshd: started', 'sshd: started'],
    [
      'a machine that goes down under a shell',
      '[zsroot@vse ~]$ Nov 22 22:00:01 vse shutdown[77]: reboot by root\n',
      'reboot by root',
    ],
    [
      'the command of a person, after one of ours',
      "[zsroot@vse ~]$ sh -c 'hostname; echo @@0a1b2c:$?:'\nvse\n@@0a1b2c:0:\n[zsroot@vse ~]$ vmstat 600\n1 0 0",
      '1 0 0',
    ],
  ])('presses no key at %s, however long it stands still', async (_what, text, shown) => {
    const port = createTextScreen(async (screen) => screen.print(text))
    const { session, pressed } = sitDown(port, { book: await learnFont(), clock: createLabClock(50_000) })
    await expect(session.accepts([initial], { signal })).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringMatching(
        new RegExp(`lab-1-a has stood still for 10 minutes .*${shown.replaceAll(/[[\]]/g, '\\$&')}`),
      ),
      hint: expect.stringContaining('`runbook console lab-1-a` shows it'),
    })
    expect(pressed).toEqual([])
  })

  test.each([
    'em0: link state changed to UP\n',
    `${SENDMAIL}${SENDMAIL}em0: link state changed to UP\n`,
    'arp: 10.84.0.71 moved from 00:50:56:00:00:0a to 00:50:56:00:00:0b on em0\n',
    'Limiting open port RST response from 250 to 200 packets/sec\n',
    'carp: demoted by 240 to 240 (interface down)\n(da0:mpt0:0:0:0): CAM status: Command timeout\n',
  ])('survives a message of the kernel at the shell prompt: %s', async (message) => {
    const { session, port } = consoleOf(newEdge(), { book: await learnFont() })
    await session.accepts([initial], { signal })
    port.interject(message)
    expect(await session.query({ name: sh`hostname` }, { signal })).toEqual({
      name: { code: 0, output: 'vse\n' },
    })
  })

  test.each([
    ['the log-in prompt', 'login:', SENDMAIL],
    ['the password of a log-in', 'Password:', 'em0: link state changed to UP\n'],
    ['the password of a log-in', 'Password:', SENDMAIL],
    [
      'the password of a log-in, which it speaks of',
      'Password:',
      `${SENDMAIL.trim()} authentication error\n`,
    ],
    ['the shell', '[zsroot', SENDMAIL],
    ['the password of sudo', 'sudo password', SENDMAIL],
    ['a question', 'defaultrouter', `${SENDMAIL}em0: link state changed to UP\n`],
  ])('goes on where a message stands behind %s', async (_where, prompt, message) => {
    // Rows of marks are no masks of what was typed.
    const state = newEdge()
    const port = createTextScreen(async (screen) => {
      screen.print(`${'*'.repeat(60)}\n`)
      return runEdge(state)(screen)
    })
    const said: string[] = []
    const evidence = { said: (text: string) => void said.push(text), seen: async () => '' }
    let isSaid = false
    const noisy = {
      ...port,
      async screen() {
        const last = port.text().split('\n').at(-1) ?? ''
        if (!isSaid && last.startsWith(prompt)) {
          isSaid = true
          port.interject(message)
        }
        return port.screen(signal)
      },
    }
    const { session } = sitDown(noisy, { book: await learnFont(), evidence })
    await session.converse(sh`vzen configure-network`, { dialogue: network, sudo: true, signal, timeout: 20 })
    expect(state.network).toMatchObject({ dns: '10.84.0.100', hostname: 'lab-1-a' })
    expect(said.join('')).toContain(prompt === 'login:' || prompt === '[zsroot' ? '' : message.slice(0, 20))
    expect(isSaid).toBe(true)
    expect(state.tried).toEqual(['zsroot'])
  })

  test('logs in again where somebody has logged out meanwhile', async () => {
    const { port } = consoleOf(newEdge())
    const { session, pressed } = sitDown(port, { book: await learnFont() })
    const answer = { name: { code: 0, output: 'vse\n' } }
    expect(await session.query({ name: sh`hostname` }, { signal })).toEqual(answer)
    await port.type([controlKey('d')], signal)
    await clock.sleep(100)
    pressed.length = 0
    expect(await session.query({ name: sh`hostname` }, { signal })).toEqual(answer)
    // The name of the user comes first: nothing is typed at the log-in prompt to wake a shell.
    expect(pressed[0]).toBe(String(keysOf('z')[0]?.usage))
  })

  test.each([
    ['goes on in its boot', 'em0: link state changed to UP\n', 'changed to UP'],
    ['shows its interfaces', `${OPTIONS}\nem0: link state changed to UP\n`, 'changed to UP'],
    ['shows them on a full screen', `${OPTIONS}\n${'em0: link state changed to UP\n'.repeat(23)}`, 'to UP'],
    ['takes its part', 'carp: 1@em1: INIT -> BACKUP (initialization complete)\n', 'complete'],
    ['is at work', '[zsroot@vse ~]$ em0: link state changed to UP\nStarting sshd.\n', 'Starting sshd'],
    ['has somebody at it', '[zsroot@vse ~]$ tail -f /var/log/messages\n', 'messages'],
    ['stopped in its boot', 'Enter full pathname of shell or RETURN for /bin/sh:\n# ', '#'],
    ['waits for a file system', 'Trying to mount root from ufs:/dev/da0p2\nmountroot> ', 'mountroot>'],
    ['was halted', '[zsroot@vse ~]$ halt\nPlease press any key to reboot.\n', 'any key to reboot'],
  ])('presses no key where the machine has restarted meanwhile and %s', async (_how, text, shown) => {
    const port = createTextScreen(runEdge(newEdge()))
    const { session, pressed } = sitDown(port, {
      book: await learnFont(),
      clock: createLabClock(50_000),
    })
    await session.query({ name: sh`hostname` }, { signal })
    pressed.length = 0
    port.interject(`${'\n'.repeat(25)}${text}`)
    await expect(session.query({ name: sh`hostname` }, { signal })).rejects.toThrow(
      new RegExp(`has stood still for 10 minutes .*${shown}`),
    )
    expect(pressed).toEqual([])
  })

  test.each(['[zsroot@vse ~]$ Limiting open port RST response\n', '[zsroot@vse ~]$ arp: who has it?\n'])(
    'presses Enter three times at most where no prompt of the shell comes back: %s',
    async (text) => {
      const port = createTextScreen(runEdge(newEdge()))
      let shown = port
      const { session, pressed } = sitDown(
        {
          ...port,
          async screen(given) {
            if (shown !== port && pressed.length > 3) shown = gone
            return shown.screen(given)
          },
        },
        { book: await learnFont(), clock: createLabClock(50_000) },
      )
      const gone = createTextScreen(async (screen) => screen.print('Starting sshd.'))
      await session.query({ name: sh`hostname` }, { signal })
      pressed.length = 0
      shown = createTextScreen(async (screen) => screen.print(text))
      await expect(session.query({ name: sh`hostname` }, { signal })).rejects.toThrow(
        'has stood still for 10',
      )
      // Then it is taken for one that an earlier run has left.
      expect(pressed).toEqual(['40', '40', '40', ...CANCELLED])
    },
  )

  test.each([
    ['on it', 'em0: link state changed to UP\n'],
    ['of syslogd on it, wider than the screen', SENDMAIL],
    ['on it, and more below', 'em0: link state changed to DOWN\nem0: link state changed to UP\n'],
    ['below it', '\nda1: <VMware Virtual disk 2.0> Fixed Direct Access SPC-4 SCSI device\n'],
    ['of syslogd below it, on a log-in', '\nNov  2 22:00:01 vse login: 1 LOGIN FAILURE ON ttyv1\n'],
    ['below it, with an arrow', '\ncarp: 1@em1: BACKUP -> MASTER (master timed out)\n'],
  ])('has a log-in prompt asked again that the kernel has buried: %s', async (_where, text) => {
    const port = createTextScreen(runEdge(newEdge()))
    const { session } = sitDown(port, { book: await learnFont(), clock })
    port.interject(text)
    expect(await session.accepts([initial], { signal })).toBe(initial)
  })

  test.each(['em0: link state changed to UP\n', SENDMAIL])(
    'has a buried log-in prompt asked again in a font that nobody knows: %s',
    async (message) => {
      const { session, port } = consoleOf(newEdge())
      port.interject(message)
      expect(await session.accepts([initial], { signal })).toBe(initial)
    },
  )

  test('waits on where pictures of a boot fail, however many, and fails with the console that stays away', async () => {
    let fail: (count: number) => boolean = (count) => count !== 4 && count < 12
    let failure: Error = new CommandError('the console shows nothing: HTTP 503')
    let boot: () => void = () => undefined
    const booted = new Promise<void>((resolve) => (boot = resolve))
    const port = createTextScreen(async (screen) => {
      screen.print('em0: booting\n')
      await booted
      return runEdge(newEdge())(screen)
    })
    let count = 0
    const flaky = (on: typeof port): typeof port => ({
      ...on,
      async screen() {
        count += 1
        if (count === 9) boot()
        if (fail(count)) throw failure
        return on.screen(signal)
      },
    })
    const { session } = sitDown(flaky(port), { book: await learnFont(), clock })
    expect(await session.accepts([initial], { signal })).toBe(initial)
    await session.close()

    const dark = createTextScreen(async (screen) => screen.print('em0: booting\n'))
    count = 0
    fail = (looks) => looks >= 3
    const fast = createLabClock(50_000)
    const gone = sitDown(flaky(dark), { book: await learnFont(), clock: fast })
    const since = fast.now()
    await expect(gone.session.accepts([initial], { signal })).rejects.toThrow('HTTP 503')
    expect(fast.now() - since).toBeGreaterThan(600_000)
    expect(gone.pressed).toEqual([])
    // What no waiting mends is told at once.
    count = 0
    failure = new ModuleError('the console shows nothing: it is off')
    const off = sitDown(flaky(dark), { book: await learnFont(), clock: fast })
    await expect(off.session.accepts([initial], { signal })).rejects.toThrow('it is off')
    expect(count).toBe(3)
  })

  test.each([
    ['shows nothing', new CommandError('the console shows nothing: HTTP 503', { hint: 'look' })],
    ['cannot be fetched', new ConnectError('protocol', 'the picture: HTTP 503', { hint: 'look' })],
  ])('says why it saw nothing, where its time ran out: a screen that %s', async (_what, failure) => {
    const failing = { screen: () => Promise.reject(failure), type: () => Promise.resolve(0) }
    const book = createGlyphBook()
    const open = (ticking: typeof clock) =>
      openConsoleSession(
        {
          name: 'lab-1-a',
          username: 'zsroot',
          port: failing,
          reader: createScreenReader(failing, { book, clock: ticking }),
          book,
          clock: ticking,
        },
        { passwords: [wanted, initial], late: (what) => new TimeoutError(`${what} took too long`) },
      )
    const asked = { name: sh`hostname` }
    await expect(open(clock).query(asked, { signal, timeout: 0.2 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/ took too long: the .*: HTTP 503$/),
      hint: 'look',
    })
    // What nobody has seen for ten minutes is told as it is.
    const fast = open(createLabClock(50_000))
    await expect(fast.query(asked, { signal, timeout: 5 })).rejects.toBe(failure)
  })

  test('does not learn a second time what another machine of the same font taught', async () => {
    const book = createGlyphBook()
    const first = consoleOf(newEdge(), { book })
    await first.session.accepts([initial], { signal })
    const edition = book.edition()
    const second = consoleOf(newEdge(), { book })
    await second.session.accepts([initial], { signal })
    expect(book.edition()).toBe(edition)
    expect(second.port.pictures.count).toBeLessThan(first.port.pictures.count)
  })

  test('learns two machines of different fonts', async () => {
    const book = createGlyphBook()
    const sessions = ['one', 'two'].map((font) => consoleOf(newEdge(), { book, font }).session)
    const accepted = await Promise.all(sessions.map((session) => session.accepts([initial], { signal })))
    expect(accepted).toEqual([initial, initial])
  })

  test('finds a prompt that nobody knows also under a cursor that blinks', async () => {
    const { session } = consoleOf(newEdge(), { cursor: 'blinking' })
    await expect(
      session.converse(sh`vzen surprise`, { dialogue: network, sudo: true, signal }),
    ).rejects.toThrow(/Feeling lucky\?/)
  })

  test('takes no prompt that still stands for a new one, though an older one like it stands above', async () => {
    // The screen is full, so that it scrolls; nothing shows where the cursor is; and the machine takes its time.
    const state = newEdge({ pause: 40 })
    const { session } = consoleOf(state, { cursor: 'none' })
    expect(await session.accepts([initial], { signal })).toBe(initial)
    await session.query({ long: sh`long` }, { signal })
    await session.changePassword(wanted, { current: initial, signal })
    const another = documentedSecret('Another-Pass_word1')
    await session.changePassword(another, { current: wanted, signal })
    expect(await session.accepts([another], { signal })).toBe(another)
  })

  test.each(['nothing', 'before it', 'behind it'])(
    'types no more than one character of a password where it shows, whatever a kernel says: %s',
    async (kernel) => {
      const state = newEdge()
      const say = (): void => port.interject('em0: link state changed to UP\n')
      const keyboard: TextScreenOptions['keyboard'] = (keys) => {
        const isFirst = keys.length === 1 && keys[0]?.usage === keysOf('W')[0]?.usage
        if (isFirst && kernel === 'before it') say()
        if (isFirst && kernel === 'behind it') setImmediate(say)
        return { taken: keys.length, kept: keys }
      }
      const { session, port } = consoleOf(state, { keyboard })
      const rules = [{ name: 'a password', prompt: /^Password for nobody:\s*$/, answer: wanted }]
      const dialogue = { ...network, rules }
      await expect(session.converse(sh`vzen careless`, { dialogue, sudo: true, signal })).rejects.toThrow(
        'the console of lab-1-a shows what is typed at “Password for nobody:”',
      )
      expect(await session.accepts([initial], { signal })).toBe(initial)
      expect(`${port.text()} ${state.careless ?? ''}`).not.toContain('Wan')
    },
  )

  test.each(['with"quotes-12', 'at@sign-12345', 'pfünd-123456'])(
    'refuses the password %s, which other keyboards type otherwise, before anything is typed',
    async (text) => {
      const state = newEdge({ forced: true })
      const { session, port } = consoleOf(state)
      const refused = session.changePassword(documentedSecret(text), { current: initial, signal })
      await expect(refused).rejects.toMatchObject({
        message: expect.stringContaining('cannot be typed on the console of lab-1-a'),
        hint: expect.stringContaining('letters, digits'),
      })
      await expect(refused).rejects.not.toThrow(text)
      expect(port.typed).not.toContain(text)
      expect(state.password).toBe('zsroot')
    },
  )

  test('keeps what was said and, where it cannot read on, the picture, and says where', async () => {
    const said: string[] = []
    const seen: Buffer[] = []
    const evidence = {
      said: (text: string) => void said.push(text),
      seen: async (picture: Buffer) => `picture ${seen.push(picture)}`,
    }
    const { session } = consoleOf(newEdge(), { evidence })
    await session.converse(sh`vzen configure-network`, { dialogue: network, sudo: true, signal })
    expect(said.join('')).toMatch(
      /\n== vzen configure-network on the console\n.*sudo password \w+:•••\nnameserver/s,
    )
    expect(said.join('')).toContain('netmask) []: 10.84.0.110/24\n')
    expect(said.join('')).not.toContain('Wanted-Pass')
    await expect(session.query({ odd: sh`odd` }, { signal })).rejects.toMatchObject({
      hint: expect.stringMatching(/; the picture is picture 1$/),
    })
    expect(seen[0]?.subarray(1, 4).toString()).toBe('PNG')
  })

  test('stops rather than guesses where something cannot be read', async () => {
    const { session } = consoleOf(newEdge())
    await expect(session.query({ name: sh`odd` }, { signal })).rejects.toThrow(/cannot be read/)
  })

  test('logs out at the end', async () => {
    const { session, port } = consoleOf(newEdge())
    await session.accepts([initial], { signal })
    await session.close()
    expect(port.text().endsWith('login:')).toBe(true)
  })

  test('stops when the run is cancelled while the machine boots for ever', async () => {
    const port = createTextScreen(async (session) => session.print('booting\n'))
    const book = createGlyphBook()
    const slow = createLabClock(1)
    const reader = createScreenReader(port, { book, clock: slow })
    const session = openConsoleSession(
      { name: 'lab-1-a', username: 'zsroot', port, reader, book, clock: slow },
      { passwords: [initial], late: (what) => new TimeoutError(what) },
    )
    const control = new AbortController()
    const entering = session.accepts([initial], { signal: control.signal })
    control.abort(new Error('cancelled'))
    await expect(entering).rejects.toThrow('cancelled')
  })
})
