import { relative, sep } from 'node:path'

/** A file as messages name it: relative to the current folder where it lies below it. */
export function renderPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short === '..' || short.startsWith(`..${sep}`) ? path : short
}

/** A place in a file: `inventory/acme.ts:12`. */
export function renderPlace(file: string, line: number | undefined): string {
  return line === undefined ? renderPath(file) : `${renderPath(file)}:${line}`
}
