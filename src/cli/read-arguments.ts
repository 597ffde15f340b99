import { parseArgs } from 'node:util'

import { UsageError } from '../model/error.ts'
import { nearestName } from '../model/nearest.ts'
import { OPTIONS, optionOf, type OptionKey, type OptionSpec } from './option-table.ts'

/** What a command line says, each option by its key. */
export interface Arguments {
  readonly words: readonly string[]
  has(key: OptionKey): boolean
  /** The last value given. */
  value(key: OptionKey): string | undefined
  values(key: OptionKey): readonly string[]
  count(key: OptionKey): number
}

// Of options with the same name the later wins; those of a run stand first in the table, so it is turned round.
const everyOption = (Object.keys(OPTIONS) as OptionKey[]).toReversed()

function tokensOf(argv: readonly string[], keys: readonly OptionKey[]) {
  const options = Object.fromEntries(
    keys.map(optionOf).map(({ long, short, value }) => [
      long,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        multiple: true,
        ...(short === undefined ? {} : { short }),
      },
    ]),
  )
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens
}

/** The first word that is not an option or an option's value: a command, or the name of a runbook. */
export function firstWord(argv: readonly string[]): string | undefined {
  return tokensOf(argv, everyOption).find((token) => token.kind === 'positional')?.value
}

function unknownOption(written: string, { keys, command }: { keys: readonly OptionKey[]; command: string }) {
  const names = keys.map((key) => `--${optionOf(key).long}`)
  const nearest = nearestName(written, names)
  return new UsageError(`${command} has no option ${written}`, {
    hint: nearest === undefined ? `${command} --help lists the options` : `did you mean ${nearest}?`,
  })
}

function checkValue(
  spec: OptionSpec,
  {
    rawName,
    value,
    inlineValue,
  }: { rawName: string; value: string | undefined; inlineValue: boolean | undefined },
): string {
  if (spec.value === undefined) {
    if (value !== undefined)
      throw new UsageError(`${rawName} takes no value, but was given ${JSON.stringify(value)}`, {
        hint: `write ${rawName} alone, or leave it out`,
      })
    return ''
  }
  if (value === undefined || value === '') {
    throw new UsageError(`${rawName} needs a value`, { hint: `write ${rawName} ${spec.value}` })
  }
  if (inlineValue !== true && /^-./.test(value)) {
    throw new UsageError(`${rawName} needs a value, but ${value} follows, which looks like an option`, {
      hint: `write --${spec.long}=${value} if that is the value`,
    })
  }
  // `-l=fra-1` is how some write `-l fra-1`.
  return inlineValue === true && !rawName.startsWith('--') ? value.replace(/^=/, '') : value
}

/** Reads a command line against the options of one command. Throws a `UsageError` that names the nearest option. */
export function readArguments(
  argv: readonly string[],
  { keys, command }: { readonly keys: readonly OptionKey[]; readonly command: string },
): Arguments {
  const keyOf = new Map<string, OptionKey>(keys.map((key) => [optionOf(key).long, key]))
  const found = new Map<OptionKey, string[]>()
  const words: string[] = []
  for (const token of tokensOf(argv, keys)) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const key = keyOf.get(token.name)
    if (key === undefined) throw unknownOption(token.rawName, { keys, command })
    const value = checkValue(optionOf(key), token)
    const before = found.get(key)
    if (before !== undefined && optionOf(key).repeatable !== true && before[0] !== value) {
      throw new UsageError(`${token.rawName} was given twice, as ${before[0]} and as ${value}`, {
        hint: 'write it once',
      })
    }
    found.set(key, [...(before ?? []), value])
  }
  return {
    words,
    has: (key) => found.has(key),
    value: (key) => found.get(key)?.at(-1),
    values: (key) => found.get(key) ?? [],
    count: (key) => found.get(key)?.length ?? 0,
  }
}
