import { CommandError } from '../../../model/error.ts'
import { INCOMPLETE, parseTokens, type Token, type Word } from './lexer.ts'

/** Where a command's input or output goes. */
export interface Redirect {
  readonly operator: '<' | '>' | '>>' | '>&' | '<&'
  readonly descriptor: number
  readonly target: Word
}

/** A command of the shell's language. */
export type Command =
  | {
      readonly kind: 'simple'
      readonly assignments: readonly { readonly name: string; readonly value: Word }[]
      readonly words: readonly Word[]
      readonly redirects: readonly Redirect[]
    }
  | {
      readonly kind: 'group' | 'subshell'
      readonly body: Script
      readonly redirects: readonly Redirect[]
    }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: Script | undefined }
  | { readonly kind: 'while'; readonly condition: Script; readonly body: Script; readonly until: boolean }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[]; readonly body: Script }

/** `if` or `elif` with what it guards. */
export interface Branch {
  readonly condition: Script
  readonly body: Script
}

/** Commands joined by pipes. */
export interface Pipeline {
  readonly commands: readonly Command[]
  readonly negated: boolean
}

/** A pipeline and under which result of what ran before it runs. */
export interface Step {
  readonly when: 'always' | 'succeeded' | 'failed'
  readonly pipeline: Pipeline
}

/** A sequence of commands. */
export type Script = readonly Step[]

const CLOSERS = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', '}'])

/** Parses a script. Throws a `CommandError` with the shell's words where it is not one. */
export function parseScript(source: string): Script | typeof INCOMPLETE {
  const scanned = parseTokens(source)
  if (scanned === INCOMPLETE) return INCOMPLETE
  const tokens = scanned
  let at = 0
  let incomplete = false

  const peek = (): Token => tokens[at] ?? { kind: 'end' }
  const isOperator = (...texts: readonly string[]): boolean => {
    const token = peek()
    return token.kind === 'operator' && texts.includes(token.text)
  }
  /** The word as it stands, where it is one unquoted text; keywords are. */
  const bare = (): string | undefined => {
    const token = peek()
    if (token.kind !== 'word' || token.word.length !== 1) return undefined
    const part = token.word[0]
    return part?.kind === 'text' && !part.quoted ? part.text : undefined
  }

  function refuse(): never {
    const token = peek()
    incomplete = token.kind === 'end'
    const what =
      token.kind === 'end'
        ? 'end of file'
        : token.kind === 'operator'
          ? token.text === '\n'
            ? 'newline'
            : `"${token.text}"`
          : (bare() ?? 'word')
    throw new CommandError(`Syntax error: ${what} unexpected`)
  }

  function skipNewlines(): void {
    while (isOperator('\n')) at += 1
  }

  function expectWord(text: string): void {
    if (bare() !== text) refuse()
    at += 1
  }

  function redirects(): Redirect[] {
    const found: Redirect[] = []
    for (;;) {
      const token = peek()
      if (token.kind !== 'operator' || !['<', '>', '>>', '>&', '<&'].includes(token.text)) return found
      at += 1
      const target = peek()
      if (target.kind !== 'word') return refuse()
      at += 1
      const operator = token.text as Redirect['operator']
      found.push({
        operator,
        descriptor: token.descriptor ?? (operator.startsWith('<') ? 0 : 1),
        target: target.word,
      })
    }
  }

  function simple(): Command {
    const assignments: { name: string; value: Word }[] = []
    const words: Word[] = []
    const found: Redirect[] = []
    for (;;) {
      found.push(...redirects())
      const token = peek()
      if (token.kind !== 'word') break
      const first = token.word[0]
      const assigned =
        words.length === 0 && first?.kind === 'text' && !first.quoted
          ? /^([A-Za-z_]\w*)=(.*)$/s.exec(first.text)
          : null
      if (assigned === null) words.push(token.word)
      else {
        const value: Word = [{ kind: 'text', text: assigned[2] ?? '', quoted: true }, ...token.word.slice(1)]
        assignments.push({ name: assigned[1] ?? '', value })
      }
      at += 1
    }
    if (words.length + assignments.length + found.length === 0) return refuse()
    return { kind: 'simple', assignments, words, redirects: found }
  }

  function branches(): Command {
    const found: Branch[] = []
    do {
      at += 1
      const condition = script()
      expectWord('then')
      found.push({ condition, body: script() })
    } while (bare() === 'elif')
    let otherwise: Script | undefined
    if (bare() === 'else') {
      at += 1
      otherwise = script()
    }
    expectWord('fi')
    return { kind: 'if', branches: found, otherwise }
  }

  function loop(): Command {
    const until = bare() === 'until'
    at += 1
    const condition = script()
    expectWord('do')
    const body = script()
    expectWord('done')
    return { kind: 'while', condition, body, until }
  }

  function forEach(): Command {
    at += 1
    const name = bare()
    if (name === undefined) return refuse()
    at += 1
    expectWord('in')
    const words: Word[] = []
    for (let token = peek(); token.kind === 'word'; token = peek()) {
      words.push(token.word)
      at += 1
    }
    if (!isOperator(';', '\n')) refuse()
    at += 1
    skipNewlines()
    expectWord('do')
    const body = script()
    expectWord('done')
    return { kind: 'for', name, words, body }
  }

  function command(): Command {
    if (isOperator('(')) {
      at += 1
      const body = script()
      if (!isOperator(')')) refuse()
      at += 1
      return { kind: 'subshell', body, redirects: redirects() }
    }
    switch (bare() ?? '') {
      case '{': {
        at += 1
        const body = script()
        expectWord('}')
        return { kind: 'group', body, redirects: redirects() }
      }
      case 'if':
        return branches()
      case 'while':
      case 'until':
        return loop()
      case 'for':
        return forEach()
      default:
        return CLOSERS.has(bare() ?? '') ? refuse() : simple()
    }
  }

  function pipeline(): Pipeline {
    let negated = false
    while (bare() === '!') {
      negated = !negated
      at += 1
    }
    const commands = [command()]
    while (isOperator('|')) {
      at += 1
      skipNewlines()
      commands.push(command())
    }
    return { commands, negated }
  }

  function script(): Script {
    const steps: Step[] = []
    for (;;) {
      while (isOperator(';', '\n')) at += 1
      if (peek().kind === 'end' || isOperator(')') || CLOSERS.has(bare() ?? '')) return steps
      let when: Step['when'] = 'always'
      for (;;) {
        steps.push({ when, pipeline: pipeline() })
        if (!isOperator('&&', '||')) break
        when = isOperator('&&') ? 'succeeded' : 'failed'
        at += 1
        skipNewlines()
      }
      if (peek().kind !== 'end' && !isOperator(';', '\n', ')') && !CLOSERS.has(bare() ?? '')) refuse()
    }
  }

  try {
    const parsed = script()
    if (peek().kind !== 'end') refuse()
    return parsed
  } catch (error) {
    if (incomplete) return INCOMPLETE
    throw error
  }
}
