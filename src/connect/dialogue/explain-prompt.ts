import type { Dialogue, DialogueRule } from './dialogue.ts'

const SHOWN = 3
const LONGEST = 200

/** The words that a pattern looks for: what is left of it without its operators. */
function wordsOf(pattern: RegExp): ReadonlySet<string> {
  const literal = pattern.source.replaceAll(/\\[A-Za-z]|\[[^\]]*\]|\(\?[:=!<]*|[\\^$.*+?()|{}]/g, ' ')
  return new Set(literal.toLowerCase().match(/[a-z0-9]{2,}/g) ?? [])
}

const patternsOf = ({ prompt }: DialogueRule): readonly RegExp[] =>
  prompt instanceof RegExp ? [prompt] : prompt

/** How many words a line has in common with the pattern that is closest to it. */
function closeness(rule: DialogueRule, words: ReadonlySet<string>): number {
  const shared = patternsOf(rule).map(
    (pattern) => [...wordsOf(pattern)].filter((word) => words.has(word)).length,
  )
  return Math.max(0, ...shared)
}

/** A pattern for a line, as one would write it: what stands in brackets and numbers differ from machine to machine. */
function suggestPattern(line: string): string {
  const escaped = line.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const open = escaped.replaceAll(/\\\[[^\]]*\\\]/g, '\\[.*\\]').replaceAll(/\d+/g, '\\d+')
  return `^\\s*${open.replaceAll(/\s+/g, '\\s+')}\\s*$`
}

/**
 * Says what to do about a prompt that no rule answers: the rules whose patterns are closest to it, and the very lines to
 * add to the inventory.
 */
export function explainPrompt(line: string, { rules, wording }: Dialogue): string {
  const words = new Set(line.toLowerCase().match(/[a-z0-9]{2,}/g) ?? [])
  const ranked = rules
    .filter((rule) => rule.ours !== true)
    .map((rule) => ({ rule, shared: closeness(rule, words) }))
    .sort((one, other) => other.shared - one.shared)
    .slice(0, SHOWN)
  const near = ranked.map(
    ({ rule }) => `${rule.name} (${(patternsOf(rule)[0]?.source ?? '').slice(0, LONGEST)})`,
  )
  const closest = near.length === 0 ? 'no prompt is known here' : `the closest known are ${near.join(', ')}`
  if (wording === undefined) return closest
  const pattern = JSON.stringify(suggestPattern(line.slice(0, LONGEST)))
  const added = `{ prompts: { 'a new prompt': { patterns: [${pattern}], answer: '…' } } }`
  const { build, command, key } = wording
  const written = `{ build: '${build}', commands: { '${command}': ${added} } }`
  return `${closest}; if it is harmless, add to ${key} in the inventory: ${written}, and run the same command again`
}
