/** Words that only a Bourne shell understands at the start of a command. */
const FOREIGN = /^(?:[A-Za-z_]\w*=\S*|export|if|then|else|fi|for|while|do|done|case|esac|\{|\})$/

const HISTORY_ENDS = /[\s=(]/

/** What a csh says to a `!` at this place; nothing where it means nothing. */
function findEvent(source: string, at: number): string | undefined {
  const next = source[at + 1]
  if (next === undefined || HISTORY_ENDS.test(next)) return undefined
  const word = /^[^\s;|&'"`)]*/.exec(source.slice(at + 1))?.[0] ?? ''
  return `${word}: Event not found.`
}

/**
 * Why the C shell of the platform refuses a line that a Bourne shell would run; none where both do the same with it. The
 * differences that a program falls over are here: history even inside quotes, no line break inside them, no `$( )`, no
 * numbered redirections (which the real one takes for a file name), no assignments and no compound commands.
 */
export function findCshProblem(source: string): string | undefined {
  let quote = ''
  let plain = ''
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at] ?? ''
    if (character === '\\' && (quote === '' || source[at + 1] === '!')) {
      plain += quote === '' ? 'x' : ''
      at += 1
      continue
    }
    const event = character === '!' ? findEvent(source, at) : undefined
    if (event !== undefined) return event
    if (character === '\n' && quote !== '') return `Unmatched '${quote}'.`
    if (quote !== "'" && character === '$' && source[at + 1] === '(') return 'Illegal variable name.'
    if (character === quote) quote = ''
    else if (quote === '' && /["'`]/.test(character)) quote = character
    // What stands in quotes is text: it begins no command.
    plain += quote === '' && !/["'`]/.test(character) ? character : 'x'
  }
  if (quote !== '') return `Unmatched '${quote}'.`
  if (/(?:^|\s)\d>/.test(plain)) return 'Ambiguous output redirect.'
  const first = plain.split(/[;|&\n(]+/).map((part) => part.trim().split(/\s+/)[0] ?? '')
  const foreign = first.find((word) => FOREIGN.test(word))
  return foreign === undefined ? undefined : `${foreign}: Command not found.`
}
