import { describe, expect, it } from 'vitest'

import { explainPrompt } from '../../../src/connect/ssh/failure.ts'

describe('a server that asks for more than the password', () => {
  it('is an AuthError with its question on one line', () => {
    const error = explainPrompt('Your password has expired.\r\nNew password: ', 'zsroot@10.84.0.110:22')
    expect(error).toMatchObject({
      code: 'AUTH',
      message:
        'zsroot@10.84.0.110:22 asks for more than the password: “Your password has expired. New password:”',
      hint: expect.stringContaining('by hand'),
    })
  })

  it('cannot write to the terminal of who reads it, nor fill it', () => {
    const { message } = explainPrompt(`\u001b[2J\u001b]0;owned\u0007${'x'.repeat(100_000)}`, 'a@b:22')
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect(message).not.toMatch(/[\u0000-\u001f]/)
    expect(message.length).toBeLessThan(400)
  })
})
