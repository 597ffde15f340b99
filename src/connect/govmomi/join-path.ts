import { escapeName } from './codec/entity-name.ts'

/**
 * Joins an inventory path, such as `/FRA/network/vse`: a path to begin with, and the names below it. A slash inside a name
 * becomes `%2f`; an empty name is left out.
 */
export function joinPath(root: string, ...names: readonly string[]): string {
  return [...root.split('/'), ...names]
    .filter((name) => name !== '')
    .map((name) => `/${escapeName(name)}`)
    .join('')
}
