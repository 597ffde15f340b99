/**
 * A text that is written with a margin, so that it stands out from the code around it: of every line, what follows the
 * first `|`. Lines without one, at the beginning and the end, are not part of it.
 */
export function withoutMargin(text: string): string {
  const lines = text.split('\n').flatMap((line) => {
    const margin = line.indexOf('|')
    return margin < 0 ? [] : [line.slice(margin + 1)]
  })
  return `${lines.join('\n')}\n`
}
