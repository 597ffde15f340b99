import type { Output, TextOptions } from '../report/output.ts'

/** What a stream can show: colours as `NO_COLOR` and `FORCE_COLOR` ask, and more than ASCII where the locale is UTF-8. */
export function describeTerminal(
  out: Output,
  env: NodeJS.ProcessEnv = process.env,
): Pick<TextOptions, 'out' | 'colour' | 'unicode'> & { readonly isTTY: boolean } {
  // A pipe says nothing about it at all.
  const isTTY = (out.isTTY ?? false) && env['TERM'] !== 'dumb'
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0'
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return {
    out,
    colour: !env['NO_COLOR'] && (forced || isTTY),
    // Off a terminal the text goes into a file or a pipe, which are UTF-8 these days.
    unicode: !isTTY || /utf-?8/i.test(locale),
    isTTY,
  }
}
