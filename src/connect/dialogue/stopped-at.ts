/** Longest line that patterns are held against: no prompt is longer, and no pattern gets to be slow. */
const LONGEST = 1000
const LINES_ABOVE = 4

// What comes whenever it likes. A kernel begins with the name of a device, or of its path, with one of its own parts, a process
// that ended, a limit that it keeps or the time since its boot, syslogd with the date and the name of the machine: errors and
// log-ins go to the console, as FreeBSD is delivered.
const DEVICE = /[a-z]+\d+(?:\.\d+)?(?: \w+)?|\(\w+:\w+:\d+:\d+:\w+\)/
const PART = /\b(?:c?arp|sonewconn|swap_pager)|\bpid \d+ \([^)]+\),(?: jid \d+,)? uid \d+/
const LIMIT = /\bLimiting (?:\w+ )+?(?=response)/
const MESSAGE = new RegExp(
  `\\s?(?:\\[ *\\d+\\.\\d+\\] |(?:${DEVICE.source}|${PART.source}): |${LIMIT.source}|[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\S+ )\\S.*$`,
)

const withoutMessage = (line: string): string => line.slice(-2 * LONGEST).replace(MESSAGE, '')

/** The line that the other side stopped at, if nobody has written behind it. */
export function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1).slice(-LONGEST)
}

/** A text without what a kernel and syslogd have written into it: what the program said that is being talked to. */
export function withoutMessages(text: string): string {
  return text.split('\n').map(withoutMessage).join('\n')
}

/**
 * The lines that a silent command may have stopped at. The last one, first of all; where that is empty or a mere mark, the
 * question may stand above it. Each is given as it stands, and without a message that was written behind it.
 */
export function stoppedAt(text: string): readonly string[] {
  const last = lastLine(text)
  const above = text
    .slice(0, text.length - last.length)
    .split('\n')
    .slice(-LINES_ABOVE)
    .filter((line) => line.trim() !== '')
    .toReversed()
  const lines = /[\p{L}\p{N}]/u.test(last) ? [last] : [last, ...above]
  return lines.flatMap((line) => [line, withoutMessage(line)]).map((line) => line.slice(-LONGEST))
}

/**
 * The line that stands under the messages at the end of a text; empty where there are none. What follows the last of them
 * is the rest of it: whoever waits for an answer prints nothing more.
 */
export function lineUnderMessages(text: string): string {
  const lines = text.split('\n').slice(-LINES_ABOVE - 1)
  const last = lines.findLastIndex((line) => withoutMessage(line) !== line)
  const cut = lines.slice(0, last + 1).map(withoutMessage)
  return cut.findLast((line) => line.trim() !== '')?.slice(-LONGEST) ?? ''
}
