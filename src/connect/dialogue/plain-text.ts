// Control sequences of ECMA-48: CSI, OSC (ended by BEL or ST), the other strings, and the two-character ones.
const ESCAPES =
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])|\u009b[0-?]*[ -/]*[@-~]/g

// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g

/** Applies backspaces the way a terminal does: the character before goes. */
function applyBackspaces(line: string): string {
  if (!line.includes('\b')) return line
  const shown: string[] = []
  for (const character of line) {
    if (character === '\b') shown.pop()
    else shown.push(character)
  }
  return shown.join('')
}

/** Applies a carriage return inside a line: what follows is written over what stood there. */
function applyReturns(line: string): string {
  const parts = line.replace(/\r+$/, '').split('\r')
  return parts.reduce((shown, part) => part + shown.slice(part.length), '')
}

/** What a person would read of a terminal’s output: no escapes, no control characters, `\n` as the only line break. */
export function renderPlainText(raw: string): string {
  return raw
    .replace(ESCAPES, '')
    .split('\n')
    .map((line) => applyReturns(applyBackspaces(line)))
    .join('\n')
    .replace(CONTROLS, '')
}
