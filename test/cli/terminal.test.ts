import { describe, expect, it } from 'vitest'

import { describeTerminal } from '../../src/cli/terminal.ts'

const pipe = { write: () => true }
const terminal = { ...pipe, isTTY: true }

describe('what a stream can show', () => {
  it('is no colour in a pipe, in CI neither', () => {
    expect(describeTerminal(pipe, { CI: 'true' })).toMatchObject({
      colour: false,
      unicode: true,
      isTTY: false,
    })
  })

  it('is colour on a terminal, but for NO_COLOR and dumb ones', () => {
    expect(describeTerminal(terminal, { LANG: 'C.UTF-8' })).toMatchObject({ colour: true, unicode: true })
    expect(describeTerminal(terminal, { NO_COLOR: '1' })).toMatchObject({ colour: false, unicode: false })
    expect(describeTerminal(terminal, { TERM: 'dumb' })).toMatchObject({ colour: false, isTTY: false })
  })

  it('is colour in a pipe where somebody forces it', () => {
    expect(describeTerminal(pipe, { FORCE_COLOR: '1' })).toMatchObject({ colour: true })
  })
})
