import { describe, expect, it } from 'vitest'

import { exitCodeOfError } from '../../src/cli/exit-code.ts'
import { renderFailure } from '../../src/cli/explain-error.ts'
import { AbortError, AuthError, ConfigError, InternalError, UsageError } from '../../src/model/error.ts'

describe('an error that keeps a command from running', () => {
  it('is told by what happened and what to do', () => {
    const error = new UsageError('there is no runbook “deplyo”', { hint: 'did you mean “deploy”?' })
    expect(renderFailure(error)).toEqual([
      'runbook: there is no runbook “deplyo”',
      '  hint: did you mean “deploy”?',
    ])
    expect(exitCodeOfError(error)).toBe(1)
  })

  it('needs no hint', () => {
    expect(renderFailure(new AuthError('no'))).toEqual(['runbook: no'])
  })

  it('is told with every place where something is wrong, each with rule and hint of its own', () => {
    const error = new ConfigError('the inventory acme.yaml has 4 problems', {
      hint: 'correct all of them',
      issues: [
        { path: 'a.b', message: 'is missing', file: 'acme.yaml', line: 7, rule: 'S-001', hint: 'write it' },
        { path: 'a.c', message: 'is 5', file: 'acme.yaml' },
        { path: 'a.d', message: 'is 6', file: '--set' },
        { path: '', message: 'is no YAML', file: 'acme.yaml', line: 9 },
        { path: 'a.e', message: 'is 7' },
      ],
    })
    expect(renderFailure(error)).toEqual([
      'runbook: the inventory acme.yaml has 4 problems',
      '  - acme.yaml:7: a.b: is missing [S-001]',
      '      write it',
      '  - acme.yaml: a.c: is 5',
      '  - --set: a.d: is 6',
      '  - acme.yaml:9: is no YAML',
      '  - a.e: is 7',
      '  hint: correct all of them',
    ])
  })

  it('is never told with its stack or its cause', () => {
    const cause = new TypeError('undefined is not a function')
    const text = renderFailure(new ConfigError('it threw', { cause })).join('\n')
    expect(text).toBe('runbook: it threw')
  })

  it.each([['SIGINT'], ['SIGTERM'], [new AbortError('stopped')], [AbortSignal.abort().reason as unknown]])(
    'is only the word for it where somebody interrupted (%s)',
    (error) => {
      expect(renderFailure(error)).toEqual(['runbook: interrupted'])
      expect(exitCodeOfError(error)).toBe(130)
    },
  )

  it.each([
    ['a bug of ours', new InternalError('no such lane')],
    ['a surprise', new RangeError('no such lane')],
  ])('is told with its stack where it is %s', (_what, error) => {
    const [first, stack] = renderFailure(error)
    expect(first).toMatch(/^runbook: this is a bug: please report it/)
    expect(stack).toContain('no such lane')
    expect(stack).toMatch(/^\s+at /m)
    expect(exitCodeOfError(error)).toBe(1)
  })

  it.each([
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [{ toString: (): string => 'odd' }, 'odd'],
  ])('that is no error at all (%s) is told as it is', (thrown, said) => {
    expect(renderFailure(thrown).at(-1)).toBe(said)
  })
})
