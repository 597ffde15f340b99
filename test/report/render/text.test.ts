import { assert, property, integer, string } from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Change } from '../../../src/model/change.ts'
import { plainText } from '../../../src/report/plain-text.ts'
import { renderBar } from '../../../src/report/render/bar.ts'
import { renderDiff } from '../../../src/report/render/diff.ts'
import { renderDuration } from '../../../src/report/render/duration.ts'
import { renderError } from '../../../src/report/render/error.ts'
import { asciiText, selectGlyphs } from '../../../src/report/render/glyphs.ts'
import { createLook } from '../../../src/report/render/look.ts'
import { renderProgress, renderSize } from '../../../src/report/render/progress.ts'
import { clip, widthOf } from '../../../src/report/render/width.ts'

const look = createLook({ colour: false, unicode: true, diff: true, verbosity: 0 })

test.each([
  [0, '0.0 s'],
  [-5, '0.0 s'],
  [449, '0.4 s'],
  [12_340, '12.3 s'],
  [59_949, '59.9 s'],
  [59_960, '1 min 00 s'],
  [185_000, '3 min 05 s'],
  [3_599_600, '1 h 00 min'],
  [7_620_000, '2 h 07 min'],
])('%i ms are %s', (ms, text) => {
  expect(renderDuration(ms)).toBe(text)
})

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1.5 * 2 ** 30, '1.5 GiB'],
  [150 * 2 ** 20, '150 MiB'],
  [2 ** 60, '1048576 TiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(renderSize(bytes)).toBe(text)
})

test.each([
  [{ done: 42, total: 100, unit: 'bytes', text: 'uploading' }, 'uploading 42 % of 100 B'],
  [{ done: 2048, unit: 'bytes' }, '2.0 KiB'],
  [{ done: 12.9, unit: 'percent' }, '12 %'],
  [{ done: 300, unit: 'percent' }, '100 %'],
  [{ done: 1, total: 0, unit: 'bytes', text: 'empty' }, 'empty 0 B'],
  [{ done: Number.NaN, total: 4, unit: 'percent', text: '' }, 'NaN %'],
] as const)('%j is %s', (progress, text) => {
  expect(renderProgress(progress)).toBe(text)
})

test.each([
  [0, '░░░░'],
  [0.999, '███░'],
  [1, '████'],
  [7, '████'],
  [-1, '░░░░'],
  [Number.NaN, '░░░░'],
])('a bar at %d is %s', (fraction, bar) => {
  expect(renderBar(fraction, { width: 4, glyphs: selectGlyphs({ unicode: true }) })).toBe(bar)
})

describe('a width', () => {
  test.each([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['a\u200db', 2],
    ['', 0],
  ])('%j takes %i columns', (text, width) => {
    expect(widthOf(text)).toBe(width)
  })

  test('is never exceeded by a clipped text', () => {
    assert(
      property(string({ unit: 'grapheme' }), integer({ min: 0, max: 30 }), (text, columns) => {
        const shown = clip(text, { columns, ellipsis: '…' })
        expect(widthOf(shown)).toBeLessThanOrEqual(columns)
        if (widthOf(text) <= columns) expect(shown).toBe(text)
      }),
    )
  })
})

describe('a diff', () => {
  test('stands in one line where it fits, and in many where it does not', () => {
    const changes: readonly Change[] = [
      { path: 'promiscuous', from: false, to: true },
      { path: 'name', to: 'x' },
      { path: 'old', from: 1 },
      { path: 'conf', from: 'a\nb', to: 'a\nc', note: 'by hand' },
      {
        path: 'policy',
        from: null,
        to: { macChanges: true, forgedTransmits: true, promiscuous: true, teaming: 'x' },
      },
    ]
    expect(renderDiff(changes, look).join('\n')).toMatchInlineSnapshot(`
      "promiscuous: false → true
      name: none → "x"
      old: 1 → none
      conf: (by hand)
      - a
      - b
      + a
      + c
      policy:
      - null
      + {
      +   "macChanges": true,
      +   "forgedTransmits": true,
      +   "promiscuous": true,
      +   "teaming": "x"
      + }"
    `)
  })

  test('of an endless text ends', () => {
    const lines = renderDiff([{ path: 'log', to: 'line\n'.repeat(10_000) }], look)
    expect(lines.length).toBeLessThan(50)
    expect(lines.at(-1)).toContain('more lines')
  })
})

test('a hint of several lines stays together', () => {
  expect(renderError({ code: 'MODULE', message: 'no', hint: 'first\nthen' }, look)).toEqual([
    'no',
    'hint: first',
    '      then',
  ])
})

test('of a long output the end is shown, and all of it with -v', () => {
  const output = Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n')
  const error = { code: 'COMMAND', message: 'it failed', output }
  expect(renderError(error, look)).toHaveLength(22)
  expect(renderError(error, look).at(-1)).toBe('| line 49')
  expect(renderError(error, { ...look, verbosity: 1 })).toHaveLength(51)
})

test('a plain text has nothing left that a terminal would obey', () => {
  assert(
    property(string({ unit: 'binary' }), (text) => {
      const plain = plainText(`\u001b]8;;x\u0007${text}\u009b31m`)
      expect(plain).not.toMatch(/(?![\t\n])\p{Cc}|\p{Cs}/u)
      expect(plainText(plain)).toBe(plain)
    }),
  )
})

test('plain text that needs no work is the same', () => {
  const text = 'Grüße, 日本 ✓ … “so”\t\n'
  expect(plainText(text)).toBe(text)
  expect(asciiText('“so” … → ü')).toBe('"so" ... -> ?')
})
