/** The signs that reporters draw with. */
export interface Glyphs {
  readonly ok: string
  readonly changed: string
  readonly failed: string
  readonly unreachable: string
  readonly skipped: string
  readonly running: string
  readonly waiting: string
  /** Between a phase and its step. */
  readonly within: string
  /** Between parts of a line. */
  readonly dot: string
  /** From before to after. */
  readonly to: string
  readonly ellipsis: string
  readonly full: string
  readonly empty: string
  readonly spinner: readonly string[]
}

const UNICODE: Glyphs = {
  ok: '✓',
  changed: '±',
  failed: '✗',
  unreachable: '!',
  skipped: '-',
  running: '▸',
  waiting: '·',
  within: '›',
  dot: '·',
  to: '→',
  ellipsis: '…',
  full: '█',
  empty: '░',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
}

const ASCII: Glyphs = {
  ok: '+',
  changed: '*',
  failed: 'x',
  unreachable: '!',
  skipped: '-',
  running: '>',
  waiting: '.',
  within: '>',
  dot: '-',
  to: '->',
  ellipsis: '...',
  full: '#',
  empty: '-',
  spinner: ['|', '/', '-', '\\'],
}

/** The signs for a terminal that shows Unicode, or for one that does not. */
export function selectGlyphs({ unicode }: { readonly unicode: boolean }): Glyphs {
  return unicode ? UNICODE : ASCII
}

const ASCII_FOR = new Map(
  Object.entries({
    '‘': "'",
    '’': "'",
    '“': '"',
    '”': '"',
    '…': '...',
    '–': '-',
    '—': '-',
    '→': '->',
    '›': '>',
    '·': '-',
    '•': '*',
    '×': 'x',
    '\u00a0': ' ',
    '\u2011': '-',
  }),
)

/** A text for a terminal that shows ASCII only; what has no likeness there becomes a question mark. */
export function asciiText(text: string): string {
  return text.replace(/\P{ASCII}/gu, (sign) => ASCII_FOR.get(sign) ?? '?')
}
