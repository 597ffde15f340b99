import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { findNode } from '../../../src/cli/commands/console.ts'
import { parseInvocation } from '../../../src/cli/options.ts'
import { createGlyphBook } from '../../../src/connect/console/glyph-book.ts'
import { openGlyphFile, saveGlyphFile } from '../../../src/connect/console/glyph-file.ts'
import { operateConsole, readConsole, renderScreen } from '../../../src/connect/console/operate.ts'
import { createScreenReader } from '../../../src/connect/console/screen.ts'
import { createLabClock } from '../../../src/lab/clock.ts'
import type { Target } from '../../../src/model/target.ts'
import { newEdge, runEdge } from '../../connect/console/edge.ts'
import { createTextScreen } from '../../connect/console/text-screen.ts'

const clock = createLabClock(500)
const signal = new AbortController().signal

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runbook-console-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const parse = (line: string) => parseInvocation(['console', ...line.split(' ').filter(Boolean)])

describe('the command line of runbook console', () => {
  test('reads keys by their names, with what is held beside them', () => {
    const held = { shift: false, control: false, alt: false }
    expect(parse('lab-1-a --keys ctrl+c')).toMatchObject({
      node: 'lab-1-a',
      yes: false,
      action: { kind: 'keys', keys: [{ ...held, usage: 0x06, control: true }] },
    })
    expect(parseInvocation(['console', 'a', '--keys', 'alt+F2 Q enter + ctrl++'])).toMatchObject({
      action: {
        keys: [
          { ...held, usage: 0x3b, alt: true },
          { ...held, usage: 0x14, shift: true },
          { ...held, usage: 0x28 },
          { ...held, usage: 0x2e, shift: true },
          { ...held, usage: 0x2e, shift: true, control: true },
        ],
      },
    })
  })

  test.each([
    ['', /needs the name of a node/],
    ['a b', /does not know what to do with "b"/],
    ['a --keys entre', /knows no key "entre"/],
    ['a --keys hyper+c', /knows no key/],
    ['a --keys enter --type x', /--type or --keys, not both/],
  ])('refuses “%s”', (line, message) => {
    expect(() => parse(line)).toThrow(message)
  })

  test('names the nearest node, and tells a node from a cluster', () => {
    const targets = (['node', 'cluster', 'node'] as const).map((level, at) => ({
      level,
      name: ['lab-1-a', 'lab-1', 'fra-1-b'][at] ?? '',
      scope: {},
    })) as unknown as readonly Target[]
    expect(findNode('fra-1-b', targets)).toBe(targets[2])
    const refusal = (name: string): unknown => {
      try {
        return findNode(name, targets)
      } catch (error) {
        return error
      }
    }
    expect(refusal('lab-1-x')).toMatchObject({
      code: 'USAGE',
      message: 'there is no node “lab-1-x”',
      hint: 'did you mean “lab-1-a”?',
    })
    expect(refusal('lab-1')).toMatchObject({ message: 'lab-1 is not a node, and has no console' })
  })
})

describe('a person at a console', () => {
  function sitDown(book = createGlyphBook()) {
    const state = newEdge()
    const port = createTextScreen(runEdge(state))
    const reader = createScreenReader(port, { book, clock })
    const asked: string[] = []
    const options = {
      signal,
      allow: async (what: string, stoppedAt: string) => void asked.push(`${what} at ${stoppedAt}`),
    }
    return {
      port,
      asked,
      options,
      machine: { name: 'lab-1-a', username: 'zsroot', port, reader, book, clock },
    }
  }

  test('reads the screen, once its font was learned by consent, and types on it', async () => {
    const { machine, options, asked, port } = sitDown()
    expect(renderScreen(await readConsole(machine, options))).toBe(port.text())
    const screen = await operateConsole(machine, { kind: 'type', text: 'zsroot' }, options)
    expect(renderScreen(screen)).toMatch(/login: zsroot\nPassword:$/)
    expect(asked).toEqual([expect.stringMatching(/to learn the font/), '“zsroot” and Enter at login:'])
  })

  test('types nothing without consent', async () => {
    const { machine, port } = sitDown()
    const options = { signal, allow: () => Promise.reject(new Error('no')) }
    await expect(readConsole(machine, options)).rejects.toThrow('no')
    await expect(operateConsole(machine, { kind: 'keys', keys: [] }, options)).rejects.toThrow('no')
    expect(port.typed).toEqual([])
    expect(port.text()).toMatch(/login:$/)
  })

  test('needs not learn what was kept', async () => {
    const first = sitDown()
    await readConsole(first.machine, first.options)
    const path = join(folder, 'deeper', 'glyphs.json')
    await saveGlyphFile(path, first.machine.book)
    const second = sitDown(await openGlyphFile(path))
    expect(renderScreen(await readConsole(second.machine, second.options))).toBe(second.port.text())
    expect(second.asked).toEqual([])
  })

  test('keeps what it learns at once, for whoever comes after a run that is killed', async () => {
    const path = join(folder, 'at-once.json')
    const book = await openGlyphFile(path)
    const page = { glyphs: new Map([['a shape', 'a']]), cursor: undefined }
    await book.exclusively(async () => book.add(page))
    expect((await openGlyphFile(path)).read('a shape')).toEqual({ character: 'a', cursor: false })
  })

  test.each(['', '{', '{"glyphs":[["x","long"]],"cursors":[]}'])(
    'learns anew where what was kept is damaged: %s',
    async (text) => {
      const path = join(folder, 'damaged.json')
      await writeFile(path, text)
      expect((await openGlyphFile(path)).edition()).toBe(0)
    },
  )
})
