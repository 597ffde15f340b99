import { ModuleError, type Change } from '#sdk'

/** Throws a `ModuleError` of everything that was found, where something was. */
export function refuseTies(ties: readonly Change[], what: string): void {
  if (ties.length === 0) return
  const found = ties.map(({ path, from, to, note }) => {
    const values = [
      from === undefined ? '' : ` is ${JSON.stringify(from)}`,
      to === undefined ? '' : `, not ${JSON.stringify(to)}`,
    ]
    return `${path}${values.join('')}${note === undefined ? '' : `: ${note}`}`
  })
  throw new ModuleError(`${what} is not removed\n${found.join('\n')}`, {
    hint: 'nothing of others is removed: see to what is named here, and run the same command again',
  })
}
