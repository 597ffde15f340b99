import { describe, expect, it } from 'vitest'

import { createOutputTail } from '../../src/connect/output-tail.ts'

describe('createOutputTail', () => {
  it('keeps everything up to the bound', () => {
    const tail = createOutputTail(6)
    tail.push(Buffer.from('abc'))
    tail.push(Buffer.from('def'))
    expect({ text: tail.text(), truncated: tail.truncated }).toEqual({ text: 'abcdef', truncated: false })
  })

  it('keeps the last bytes and says that it dropped some', () => {
    const tail = createOutputTail(4)
    for (const chunk of ['abc', 'def', 'g']) tail.push(Buffer.from(chunk))
    expect({ text: tail.text(), truncated: tail.truncated }).toEqual({ text: 'defg', truncated: true })
    tail.push(Buffer.from('0123456789'))
    expect(tail.text()).toBe('6789')
  })

  it('puts characters together that were split over chunks, and drops half a one at the cut', () => {
    const bytes = Buffer.from('ä€🙂')
    const whole = createOutputTail(100)
    for (const byte of bytes) whole.push(Uint8Array.of(byte))
    expect(whole.text()).toBe('ä€🙂')
    for (let limit = 4; limit < bytes.length; limit++) {
      const cut = createOutputTail(limit)
      cut.push(bytes)
      expect('ä€🙂'.endsWith(cut.text())).toBe(true)
    }
  })

  it('keeps what is no UTF-8 as replacement characters', () => {
    const tail = createOutputTail(10)
    tail.push(Uint8Array.of(0xff, 0x41))
    expect(tail.text()).toBe('\ufffdA')
  })

  it('takes single bytes without end', () => {
    const tail = createOutputTail(5000)
    for (let count = 0; count < 200_000; count++) tail.push(Uint8Array.of(97 + (count % 26)))
    expect(tail.text()).toHaveLength(5000)
    expect(tail.truncated).toBe(true)
  })
})
