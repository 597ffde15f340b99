const PLAIN = /^[\u0020-\u007e]*$/
const NO_WIDTH = /^[\p{M}\p{Cf}]$/u
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u

function widthOfSign(sign: string): number {
  if (NO_WIDTH.test(sign)) return 0
  return WIDE.test(sign) ? 2 : 1
}

/** How many columns of a terminal a text without escape sequences takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const sign of text) width += widthOfSign(sign)
  return width
}

/** The beginning of a text that fits into `columns`, with an ellipsis where something was cut. */
export function clip(
  text: string,
  { columns, ellipsis }: { readonly columns: number; readonly ellipsis: string },
): string {
  if (columns <= 0) return ''
  if (widthOf(text) <= columns) return text
  if (columns <= ellipsis.length) return ellipsis.slice(0, columns)
  let width = 0
  let end = 0
  for (const sign of text) {
    width += widthOfSign(sign)
    if (width > columns - ellipsis.length) break
    end += sign.length
  }
  return text.slice(0, end) + ellipsis
}
