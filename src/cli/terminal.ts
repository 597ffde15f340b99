import type { TextOptions } from '../report/output.ts'

/** What a stream can show: colours as `NO_COLOR` and `FORCE_COLOR` ask, and more than ASCII where the locale is UTF-8. */
export function describeTerminal(
  out: NodeJS.WriteStream,
): Pick<TextOptions, 'out' | 'colour' | 'unicode'> & { readonly isTTY: boolean } {
  const { env } = process
  const isTTY = out.isTTY
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0'
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return {
    out: out,
    colour: !env['NO_COLOR'] && (forced || (isTTY && env['TERM'] !== 'dumb')),
    // Off a terminal the text goes into a file or a pipe, which are UTF-8 these days.
    unicode: !isTTY || /utf-?8/i.test(locale),
    isTTY: isTTY && env['TERM'] !== 'dumb',
  }
}
