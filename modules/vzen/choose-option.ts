/** What a prompt may be told of a yes, a no, or an entry of a list. */
export type Meaning = 'yes' | 'no' | 'keep' | 'delete'

const WORDS: Readonly<Record<Meaning, RegExp>> = {
  yes: /^(?:yes|y)$/i,
  no: /^(?:no|n)$/i,
  keep: /^(?:keep|leave|no change|unchanged|nothing)\b/i,
  delete: /^(?:delete|remove|drop)\b/i,
}

// What the documented prompts of the family take.
const USUAL: Readonly<Record<Meaning, string>> = { yes: 'y', no: 'n', keep: 'n', delete: 'd' }

/** Options as a prompt lists them: `<c:change, d:delete, n:no change>`, `<n:no y:yes>`. */
function parseOptions(line: string): readonly (readonly [string, string])[] {
  const named = [...line.matchAll(/\b(\w{1,2})\s*[:=]\s*([a-z]+(?: change)?)/gi)]
  return named.map(([, key = '', word = '']) => [key, word] as const)
}

/** The letter or word by which a prompt takes an answer of this meaning: the one it offers, else the usual letter. */
export function chooseOption(line: string, meaning: Meaning): string {
  const offered = parseOptions(line).find(([, word]) => WORDS[meaning].test(word))
  if (offered !== undefined) return offered[0]
  // `(yes/no)`, and `(k)eep, (c)hange or (d)elete`.
  if (/\byes\s*[/|]\s*no\b/i.test(line) && (meaning === 'yes' || meaning === 'no')) return meaning
  const lettered = [...line.matchAll(/[([](\w)[)\]]([a-z]+)/gi)].find(([, letter = '', rest = '']) =>
    WORDS[meaning].test(`${letter}${rest}`),
  )
  return lettered?.[1] ?? USUAL[meaning]
}
