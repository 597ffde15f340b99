import { describe, expect, test } from 'vitest'

import { createGlyphBook } from '../../../src/connect/console/glyph-book.ts'
import { createScreenReader } from '../../../src/connect/console/screen.ts'
import { openConsoleSession } from '../../../src/connect/console/session.ts'
import type { Evidence } from '../../../src/connect/evidence.ts'
import { createLabClock } from '../../../src/lab/clock.ts'
import { TimeoutError } from '../../../src/model/error.ts'
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

  test('logs out what an earlier run left behind', async () => {
    const state = newEdge()
    const { session, port } = consoleOf(state)
    await session.query({ name: sh`hostname` }, { signal })
    const book = createGlyphBook()
    const reader = createScreenReader(port, { book, clock })
    const second = openConsoleSession(
      { name: 'lab-1-a', username: 'zsroot', port, reader, book, clock },
      { passwords: [initial], late: (what) => new TimeoutError(what) },
    )
    expect(await second.accepts([initial], { signal })).toBe(initial)
  })

  test('survives a message of the kernel at the shell prompt', async () => {
    const { session, port } = consoleOf(newEdge())
    await session.accepts([initial], { signal })
    port.interject('em0: link state changed to UP\n')
    expect(await session.query({ name: sh`hostname` }, { signal })).toEqual({
      name: { code: 0, output: 'vse\n' },
    })
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

  test('types no more than one character of a password where it shows', async () => {
    const state = newEdge()
    const { session, port } = consoleOf(state)
    const rules = [{ name: 'a password', prompt: /^Password for nobody:\s*$/, answer: wanted }]
    const dialogue = { ...network, rules }
    await expect(session.converse(sh`vzen careless`, { dialogue, sudo: true, signal })).rejects.toThrow(
      'the console of lab-1-a shows what is typed at “Password for nobody:”',
    )
    expect(await session.accepts([initial], { signal })).toBe(initial)
    expect(`${port.text()} ${state.careless ?? ''}`).not.toContain('Wan')
  })

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
