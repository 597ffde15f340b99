import { KEY_NAMES, parseKey } from '../connect/console/key-names.ts'
import type { Key } from '../connect/console/port.ts'
import { UsageError } from '../model/error.ts'
import { nearestName } from '../model/nearest.ts'
import type { Selection } from '../model/plan.ts'
import type { InventoryOptions } from './invocation.ts'
import type { Arguments } from './read-arguments.ts'

const DEFAULT_FORKS = 32
const MOST_FORKS = 1024

/** Which inventory a command line means. */
export function parseInventoryOptions(args: Arguments): InventoryOptions {
  return {
    inventories: args.values('inventory'),
    set: [...args.values('set').map(parseOverride), ...(args.has('noActivate') ? ['activate=false'] : [])],
    lab: args.has('lab'),
  }
}

function parseOverride(written: string): string {
  const at = written.indexOf('=')
  const path = written.slice(0, Math.max(0, at)).trim()
  if (path === '') {
    throw new UsageError(`--set ${JSON.stringify(written)} is not PATH=VALUE`, {
      hint: 'for example --set sites.fra.clusters.fra-1.memoryGB=64',
    })
  }
  return `${path}${written.slice(at)}`
}

/** What of a runbook a command line selects; `tags` is the option that names the tags to run. */
export function parseSelection(args: Arguments, tags: 'tags' | 'onlyTags'): Selection {
  return {
    tags: parseTags(args, tags),
    skipTags: parseTags(args, 'skipTags'),
    limit: parseLimit(args),
    startAt: args.value('startAt'),
  }
}

/** Several `--limit` are one pattern: what any of them selects. */
export function parseLimit(args: Arguments): string | undefined {
  const patterns = args.values('limit')
  return patterns.length === 0 ? undefined : patterns.join(',')
}

function parseTags(args: Arguments, key: 'tags' | 'onlyTags' | 'skipTags'): readonly string[] | undefined {
  if (!args.has(key)) return undefined
  const tags = args.values(key).flatMap((list) => list.split(',').map((tag) => tag.trim()))
  const named = tags.filter((tag) => tag !== '')
  if (named.length === 0) {
    throw new UsageError(`--${key === 'skipTags' ? 'skip-tags' : 'tags'} names no tag`, {
      hint: 'runbook list RUNBOOK --tags shows the tags',
    })
  }
  return named
}

/** A number of targets at once. */
export function parseForks(written: string | undefined): number {
  if (written === undefined) return DEFAULT_FORKS
  const forks = /^[0-9]{1,9}$/.test(written) ? Number(written) : 0
  if (forks >= 1 && forks <= MOST_FORKS) return forks
  throw new UsageError(`--forks ${JSON.stringify(written)} is not a number from 1 to ${MOST_FORKS}`, {
    hint: `it says how many targets are worked on at once; ${DEFAULT_FORKS} where it is not given`,
  })
}

/** Keys by their names, in the order in which they are pressed. */
export function parseKeys(written: string): readonly Key[] {
  const names = written.split(/\s+/).filter((name) => name !== '')
  if (names.length === 0) throw new UsageError('--keys names no key', { hint: "--keys 'ctrl+c enter'" })
  return names.map((name) => {
    const key = parseKey(name)
    if (key !== undefined) return key
    const nearest = nearestName(name, KEY_NAMES)
    throw new UsageError(`--keys knows no key ${JSON.stringify(name)}`, {
      hint:
        nearest === undefined
          ? `it knows letters, signs and ${KEY_NAMES.join(', ')}`
          : `did you mean ${nearest}?`,
    })
  })
}

/** A word out of a closed list; nothing where none was written. */
export function parseOneOf<T extends string>(
  written: string | undefined,
  { option, names }: { readonly option: string; readonly names: readonly T[] },
): T | undefined {
  if (written === undefined) return undefined
  const known = names.find((name) => name === written)
  if (known !== undefined) return known
  const nearest = nearestName(written, names)
  throw new UsageError(`${option} ${written} is not one of ${names.join(', ')}`, {
    hint: nearest === undefined ? 'write one of them' : `did you mean ${nearest}?`,
  })
}
