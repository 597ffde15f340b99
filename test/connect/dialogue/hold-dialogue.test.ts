import { describe, expect, test } from 'vitest'

import type { Dialogue } from '../../../src/connect/dialogue/dialogue.ts'
import { holdDialogue, looksLikePrompt } from '../../../src/connect/dialogue/hold-dialogue.ts'
import type { Heard, Terminal } from '../../../src/connect/dialogue/terminal.ts'
import type { CommandResult } from '../../../src/model/command-result.ts'
import { documentedSecret, Secret } from '../../../src/model/secret.ts'

const signal = new AbortController().signal

/** A terminal that shows one text after each answer; `lost` stands for a connection that broke. */
function terminalOf(script: readonly (string | { text?: string; code: number })[]) {
  const sent: string[] = []
  let at = 0
  let told = -1
  let interrupted = false
  const output = { stdout: '', stderr: '', truncated: false }
  const terminal: Terminal = {
    async listen(): Promise<Heard> {
      const step = script[at] ?? ''
      const news = told !== at
      told = at
      if (step === 'lost') {
        const ended: CommandResult = { kind: 'lost', failure: 'closed', reason: 'it broke', ...output }
        return { text: '', ended, news }
      }
      if (typeof step === 'string') return { text: step, ended: undefined, news }
      return { text: step.text ?? '', ended: { kind: 'exited', code: step.code, ...output }, news }
    },
    async send(answer) {
      sent.push(answer instanceof Secret ? answer.reveal() : answer)
      at += 1
    },
    async interrupt() {
      interrupted = true
    },
  }
  return { terminal, sent, wasInterrupted: () => interrupted }
}

const dialogue: Dialogue = {
  rules: [
    { name: 'the name', prompt: /^name\b.*:\s*$/i, answer: 'lab-1-a' },
    { name: 'the size', prompt: /^size \[(\d+)\]:\s*$/, answer: (match) => String(Number(match[1]) + 1) },
    { name: 'the password', prompt: /^password:\s*$/i, answer: documentedSecret('s3cret'), max: 1 },
  ],
  failures: [/^Please re-enter.*$/m],
  successes: [/Applied/],
}

const hold = (terminal: Terminal, given: Partial<Dialogue> = {}) =>
  holdDialogue(terminal, { dialogue: { ...dialogue, ...given }, command: 'vzen x', signal })

describe('a dialogue', () => {
  test('answers by the prompt, whatever the order, and gives a transcript without secrets', async () => {
    const { terminal, sent } = terminalOf([
      'Detected an Azure VM!!\nPassword: ',
      'size [41]: ',
      'Name (of it) []: ',
      { text: 'Applied\n', code: 0 },
    ])
    const { transcript } = await hold(terminal)
    expect(sent).toEqual(['s3cret', '42', 'lab-1-a'])
    expect(transcript).toContain('Password: •••')
    expect(transcript).not.toContain('s3cret')
  })

  test('masks a secret that the other side echoes', async () => {
    const { terminal } = terminalOf(['Password: ', { text: 's3cret\nApplied\n', code: 0 }])
    expect((await hold(terminal)).transcript).not.toContain('s3cret')
  })

  test('stops at a prompt that no rule knows, with what it saw and what to do', async () => {
    const { terminal, wasInterrupted } = terminalOf(['some words\nSelect the profile <1-4>: '])
    await expect(hold(terminal)).rejects.toMatchObject({
      code: 'COMMAND',
      message: expect.stringContaining('Select the profile <1-4>:'),
      hint: expect.stringContaining('the name, the size'),
      output: expect.stringContaining('some words'),
    })
    expect(wasInterrupted()).toBe(true)
  })

  test('takes the same prompt again and again for a refusal', async () => {
    const { terminal, sent } = terminalOf(['Name: ', 'Name: ', 'Name: ', 'Name: '])
    await expect(hold(terminal)).rejects.toThrow(/asked for the name 3 times/)
    expect(sent).toHaveLength(2)
  })

  test('gives a password once only', async () => {
    const { terminal, sent } = terminalOf(['Password: ', 'Sorry\nPassword: '])
    await expect(hold(terminal)).rejects.toThrow(/asked for the password 2 times/)
    expect(sent).toEqual(['s3cret'])
  })

  test('fails with the printed reason of a field that is asked again', async () => {
    const { terminal } = terminalOf(['Name: ', 'Please re-enter a valid name\nName: '])
    await expect(hold(terminal)).rejects.toThrow('Please re-enter a valid name')
  })

  test.each([
    [{ text: 'Applied\n', code: 3 }, /exit code 3: Applied/],
    [{ text: 'nothing\n', code: 0 }, /without saying that it succeeded/],
  ])('does not take %o for success', async (end, message) => {
    await expect(hold(terminalOf(['Name: ', end]).terminal)).rejects.toThrow(message)
  })

  test('calls a terminal that breaks a ConnectError', async () => {
    await expect(hold(terminalOf(['Name: ', 'lost']).terminal)).rejects.toMatchObject({ code: 'CONNECT' })
  })

  test('waits for the rest of a line that is still being written', async () => {
    const steps: Heard[] = ['Name (of', 'Name (of it', 'Name (of it):', 'Name (of it): '].map((text) => ({
      text,
      ended: undefined,
      news: true,
    }))
    const sent: unknown[] = []
    const ended = { kind: 'exited', code: 0, stdout: '', stderr: '', truncated: false } as const
    const terminal: Terminal = {
      listen: async () => (sent.length > 0 ? { text: 'Applied', ended, news: true } : steps.shift()!),
      send: async (answer) => void sent.push(answer),
      interrupt: async () => undefined,
    }
    await hold(terminal)
    expect(sent).toEqual(['lab-1-a'])
  })

  test('keeps nothing but the end of a transcript that would grow without end', async () => {
    const { terminal } = terminalOf(['Name: ', { text: `${'x'.repeat(1_000_000)}Applied`, code: 0 }])
    expect((await hold(terminal)).transcript.length).toBeLessThanOrEqual(64 * 1024)
  })
})

describe('a prompt', () => {
  test.each([
    ['Name: ', true],
    ['[zsroot@vse ~]$ ', true],
    ['nameserver:1.2.3.4 (Options <c:change, d:delete, n:no change>) [n] ', true],
    ['Continue?', true],
    ['Name (of it: ', false],
    ['Downloading latest version', false],
    ['', false],
    ['choose <1-4: ', false],
  ])('is recognised: “%s” %s', (line, expected) => {
    expect(looksLikePrompt(line)).toBe(expected)
  })
})
