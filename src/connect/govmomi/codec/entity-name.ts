const ESCAPES = { '%': '%25', '/': '%2f', '\\': '%5c' } as const

/**
 * A name as the API and inventory paths write it: a slash, a backslash and a percent sign are escaped, as `%2f`, `%5c` and
 * `%25`. What is escaped already stays as it is, as a server has it.
 */
export function escapeName(name: string): string {
  return name.replaceAll(/%(?!2f|5c|25)|[/\\]/gi, (character) => ESCAPES[character as keyof typeof ESCAPES])
}

/** A name as people read and write it, out of one as the API writes it. */
export function unescapeName(name: string): string {
  return name.replaceAll(/%(2f|5c|25)/gi, (escape) =>
    String.fromCodePoint(Number.parseInt(escape.slice(1), 16)),
  )
}
