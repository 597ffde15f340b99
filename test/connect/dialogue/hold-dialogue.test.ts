import { describe, expect, test } from 'vitest'

import type { Dialogue } from '../../../src/connect/dialogue/dialogue.ts'
import { holdDialogue, looksLikePrompt } from '../../../src/connect/dialogue/hold-dialogue.ts'
import { planDialogue } from '../../../src/connect/dialogue/plan-dialogue.ts'
import { recordTerminal } from '../../../src/connect/dialogue/record-terminal.ts'
import type { Heard, Terminal } from '../../../src/connect/dialogue/terminal.ts'
import { mergeWordings, wordingSchema } from '../../../src/connect/dialogue/wording.ts'
import { createSudo, createSudoRule } from '../../../src/connect/sudo.ts'
import type { CommandResult } from '../../../src/model/command-result.ts'
import { AbortError, TimeoutError } from '../../../src/model/error.ts'
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
      hint: expect.stringContaining('the closest known are the name'),
      output: expect.stringContaining('some words'),
    })
    expect(wasInterrupted()).toBe(true)
  })

  test('lists no prompt that is in words of ours among the closest', async () => {
    const sudo = createSudoRule(createSudo(), documentedSecret('s3cret'))
    const rules = [sudo, ...dialogue.rules]
    const { terminal } = terminalOf(['The sudo password of somebody else? '])
    const held = hold(terminal, { rules })
    await expect(held).rejects.toMatchObject({
      hint: expect.stringMatching(/closest known are the password /),
    })
    await expect(held).rejects.toMatchObject({ hint: expect.not.stringContaining('for sudo') })
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

  test('takes for advice what stands before another question', async () => {
    const hint = 'Please re-enter it if you mistype it.\n'
    const { terminal, sent } = terminalOf([
      `${hint}Name: `,
      `${hint}Password: `,
      { text: 'Applied\n', code: 0 },
    ])
    await hold(terminal)
    expect(sent).toEqual(['lab-1-a', 's3cret'])
  })

  test.each([
    ['where it stops at nothing that is known', 'Please re-enter netmask\nNetmask: '],
    ['where nothing more comes', 'Please re-enter netmask\n'],
    ['where it ends', { text: 'Please re-enter netmask\n', code: 0 }],
  ])('fails with the printed reason %s', async (_where, step) => {
    const { terminal } = terminalOf(['Name: ', step])
    await expect(hold(terminal)).rejects.toThrow('vzen x failed: Please re-enter netmask')
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
    // The half of it is a prompt, too: another one.
    const steps = [
      'Na',
      'Name:',
      'Name: of',
      'Name: of the size',
      'Name: of the size [4',
      'Name: of the size [4]: ',
    ]
    const sent: unknown[] = []
    const ended = { kind: 'exited', code: 0, stdout: '', stderr: '', truncated: false } as const
    const terminal: Terminal = {
      async listen(): Promise<Heard> {
        if (sent.length > 0) return { text: 'Applied', ended, news: true }
        const [text = '', ...left] = steps
        if (left.length > 0) steps.shift()
        return { text, ended: undefined, news: left.length > 0 }
      },
      send: async (answer) => void sent.push(answer),
      interrupt: async () => undefined,
    }
    const whole = { name: 'the size', prompt: /^name: of the size \[\d\]:\s*$/i, answer: '5' }
    const half = { name: 'the name', prompt: /^name:\s*$/i, answer: 'lab-1-a' }
    await hold(terminal, { rules: [half, whole] })
    expect(sent).toEqual(['5'])
  })

  test('keeps nothing but the end of a transcript that would grow without end', async () => {
    const { terminal } = terminalOf(['Name: ', { text: `${'x'.repeat(1_000_000)}Applied`, code: 0 }])
    expect((await hold(terminal)).transcript.length).toBeLessThanOrEqual(64 * 1024)
  })
})

describe('a dialogue whose rules come from a wording', () => {
  const wording = wordingSchema.parse({
    build: 'ZscalerOS 24',
    failures: ['^permission denied.*$'],
    commands: {
      'configure-network': {
        prompts: {
          'default gateway': { patterns: ['default gateway[^\\n]*:\\s*$'], answer: '{gateway}' },
          hostname: { patterns: ['host ?name[^\\n]*:\\s*$'], answer: 'vse-{name}.lan' },
          'an offer of DHCP': { patterns: ['\\bdhcp\\b[^\\n]*\\?'], answer: 'n' },
          secret: { patterns: ['^passphrase:'], answer: '{secret}', most: 1 },
        },
        successes: ['successfully applied'],
      },
    },
  })
  const values = { gateway: '10.84.0.200', name: 'a', secret: documentedSecret('s3cret') }
  const plan = (over?: Parameters<typeof wordingSchema.parse>[0]) =>
    planDialogue(over === undefined ? wording : mergeWordings(wording, wordingSchema.parse(over)), {
      command: 'configure-network',
      key: 'appliance.wording',
      values,
    })

  test('answers with the values of the step, whole or as a part, and with fixed words', async () => {
    const { terminal, sent } = terminalOf([
      'Host name []: ',
      'Use DHCP? [n] ',
      'Default gateway []: ',
      'Passphrase:',
      { text: 'Successfully Applied Changes\n', code: 0 },
    ])
    const { transcript } = await hold(terminal, plan())
    expect(sent).toEqual(['vse-a.lan', 'n', '10.84.0.200', 's3cret'])
    expect(transcript).not.toContain('s3cret')
  })

  test('says how to teach a prompt that is new, and then knows it', async () => {
    const asked = 'Select the gateway profile of this edge <1-4> [2]: '
    const unknown = await hold(terminalOf([asked]).terminal, plan()).catch((error: unknown) => error as Error)
    expect(unknown).toMatchObject({
      message: expect.stringContaining('Select the gateway profile of this edge <1-4> [2]:'),
      hint: expect.stringMatching(
        /closest known are default gateway \(.*add to appliance\.wording in the inventory: \{ build: 'ZscalerOS 24', commands: \{ 'configure-network': .*, and run the same command again$/,
      ),
    })
    const { hint = '' } = unknown as { hint?: string }
    const pattern = JSON.parse(/patterns: \[(".*")\]/.exec(hint)?.[1] ?? '""') as string
    const taught = plan({
      build: 'ZscalerOS 24',
      commands: { 'configure-network': { prompts: { profile: { patterns: [pattern], answer: '1' } } } },
    })
    const { terminal, sent } = terminalOf([
      asked.replace('[2]', '[3]'),
      { text: 'Successfully applied', code: 0 },
    ])
    await hold(terminal, taught)
    expect(sent).toEqual(['1'])
  })

  test('lets an overriding wording go first, and forgets only where that says so', () => {
    const over = {
      build: 'ZscalerOS 42',
      commands: {
        'configure-network': { prompts: { 'default gateway': { patterns: ['^router'], answer: '{name}' } } },
      },
    }
    const merged = plan(over)
    expect(merged.wording).toEqual({
      build: 'ZscalerOS 42',
      command: 'configure-network',
      key: 'appliance.wording',
    })
    expect(merged.rules.map(({ name }) => name)).toEqual([
      'default gateway',
      'hostname',
      'an offer of DHCP',
      'secret',
    ])
    expect(merged.rules[0]).toMatchObject({
      answer: 'a',
      prompt: [/^router/i, /default gateway[^\n]*:\s*$/i],
    })
    expect(merged.failures).toHaveLength(1)
    expect(plan({ ...over, failures: ['^no$'] }).failures).toHaveLength(2)
    expect(plan({ ...over, failures: ['^no$'], replacesFailures: true }).failures).toEqual([/^no$/im])
    const command = { ...over.commands['configure-network'], replaces: true }
    expect(plan({ ...over, commands: { 'configure-network': command } }).rules).toHaveLength(1)
  })

  test('is refused with everything that is wrong at once', () => {
    const refused = (answer?: string) => () =>
      plan({
        build: 'x',
        commands: {
          'configure-network': {
            prompts: { odd: { patterns: ['odd'], ...(answer === undefined ? {} : { answer }) } },
          },
        },
      })
    const issuesOf = (run: () => unknown): unknown => {
      try {
        return run()
      } catch (error) {
        return (error as { issues?: unknown }).issues
      }
    }
    const path = 'commands.configure-network.prompts.odd.answer'
    expect(issuesOf(refused())).toEqual([
      { path, message: 'is missing, and the step has none for this prompt' },
    ])
    expect(issuesOf(refused('{mask}'))).toEqual([
      { path, message: 'asks for {mask}, which the step does not know' },
    ])
    expect(issuesOf(refused('x{secret}'))).toEqual([{ path, message: 'mixes a secret with other text' }])
    const written = { build: '', failures: ['('], commands: { x: { prompts: { y: { patterns: [] } } } } }
    expect(wordingSchema.safeParse(written).error?.issues.map((issue) => issue.path.join('.'))).toEqual([
      'build',
      'failures.0',
      'commands.x.prompts.y.patterns',
    ])
  })
})

describe('a command that has gone silent', () => {
  const applied = { text: 'Applied\n', code: 0 }
  test.each([
    ['an empty line', 'Name of it []:\n'],
    ['a mere mark', 'Name of it []:\n> '],
    ['what a kernel said', 'Name of it []: em0: link state changed to UP\n'],
    ['what a kernel said with its time', 'Name of it []: [   12.345678] random: crng init done\n'],
    [
      'what syslogd said',
      'Name of it []: Nov  2 22:00:01 vse sm-mta[652]: My unqualified host name (vse) unknown; sleeping for retry\n',
    ],
    ['a message, without a cursor', 'Name of it []: Nov 22 22:00:01 vse login: 1 LOGIN FAILURE ON ttyv0'],
  ])('is answered where the question stands above %s', async (_, text) => {
    const { terminal, sent } = terminalOf([text, applied])
    await hold(terminal)
    expect(sent).toEqual(['lab-1-a'])
  })

  test('is not answered twice for the same question', async () => {
    const { terminal, sent } = terminalOf(['Name: ', 'working\n', applied])
    const control = new AbortController()
    const listen = terminal.listen.bind(terminal)
    let silent = 0
    const patient: Terminal = {
      ...terminal,
      async listen(options) {
        const heard = await listen(options)
        if (!heard.news && ++silent > 3) control.abort(new Error('enough'))
        options.signal.throwIfAborted()
        return heard
      },
    }
    const held = holdDialogue(patient, { dialogue, command: 'vzen x', signal: control.signal })
    await expect(held).rejects.toThrow('enough')
    expect(sent).toEqual(['lab-1-a'])
  })

  /** Holds a conversation that nobody goes on with, until its time is over or it is stopped for another reason. */
  async function outlast(shown: string, reason: Error, given: Partial<Dialogue> = {}): Promise<unknown> {
    const control = new AbortController()
    const { terminal, sent } = terminalOf(['Password: ', shown])
    let silent = 0
    const waiting: Terminal = {
      ...terminal,
      async listen(options) {
        options.signal.throwIfAborted()
        const heard = await terminal.listen(options)
        if (sent.length > 0 && ++silent > 3) control.abort(reason)
        return heard
      },
    }
    const spoken = { ...dialogue, ...given }
    return holdDialogue(waiting, { dialogue: spoken, command: 'vzen x', signal: control.signal }).catch(
      (error: unknown) => error,
    )
  }
  const late = new TimeoutError('vzen x did not end within 120 seconds', { hint: 'wait' })

  test.each(['Press Enter to continue...', 'Enter username =', 'Continue y or n', 'Enter choice [1-3] - '])(
    'is told, when its time is over, by the line that it stopped at: %s',
    async (line) => {
      const wording = { build: 'ZscalerOS 24', command: 'x', key: 'appliance.wording' }
      expect(await outlast(`s3cret\n${line}`, late, { wording })).toMatchObject({
        code: 'TIMEOUT',
        message: `${late.message}: it stopped at “${line.trim()}”`,
        hint: expect.stringMatching(
          /^if that is a question, no rule answers it: the closest known are .* add to appliance\.wording .*; if it is none, wait$/,
        ),
        cause: late,
      })
    },
  )

  test('is told, when its time is over, by the question that a message was written behind', async () => {
    const message =
      'Nov  2 22:00:01 vse sm-mta[652]: My unqualified host name (vse) unknown; sleeping for retry'
    expect(await outlast(`Select the profile <1-4>: ${message}\n`, late)).toMatchObject({
      message: `${late.message}: it stopped at “Select the profile <1-4>:”`,
      hint: expect.stringMatching(/^if that is a question, no rule answers it: /),
    })
  })

  test('is told by its last words where it has ended its line, and without the secrets in them', async () => {
    expect(await outlast('Checking s3cret\n\n', late)).toMatchObject({
      code: 'TIMEOUT',
      message: `${late.message}: it stopped after “Checking •••”`,
      hint: 'wait',
    })
  })

  test('keeps the reason it was stopped for, where that is another one, and where it said nothing', async () => {
    const stopped = new AbortError('interrupted')
    expect(await outlast('Continue y or n', stopped)).toBe(stopped)
    expect(await outlast('', late)).toBe(late)
  })
})

describe('the record of a dialogue', () => {
  test('has everything but secrets, also where it fails', async () => {
    const said: string[] = []
    const evidence = { said: (text: string) => void said.push(text), seen: async () => '' }
    const { terminal } = terminalOf([
      'Banner\nName: ',
      'Password: ',
      's3cret is wrong\nPlease re-enter it\nName: ',
    ])
    await expect(hold(recordTerminal(terminal, { evidence, title: 'vzen x' }))).rejects.toThrow(/re-enter/)
    expect(said.join('')).toBe(
      '\n== vzen x\nBanner\nName: lab-1-a\nPassword: •••\n••• is wrong\nPlease re-enter it\nName: ',
    )
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
