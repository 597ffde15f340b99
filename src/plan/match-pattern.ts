import { ConfigError, UsageError } from '../model/error.ts'
import { nearestName } from '../model/nearest.ts'
import { expandRange } from '../model/range.ts'
import { isGlob, matchGlob } from './glob.ts'
import { matchRegex } from './name-regex.ts'
import { parsePattern } from './parse-pattern.ts'

/** A name that stands for several nodes: a cluster or a site. */
export interface PatternGroup {
  readonly name: string
  /** Names of all nodes below it, at any depth, in inventory order. */
  readonly members: readonly string[]
}

/** What a pattern can pick from. */
export interface Universe {
  /** Every node, in inventory order. */
  readonly nodes: readonly string[]
  readonly groups: readonly PatternGroup[]
  /** What stands in the files that the pattern names by `@file`; `listPatternFiles` says which those are. */
  readonly files?: ReadonlyMap<string, string>
}

type Names = readonly string[]

const SUBSCRIPT = /^(.+)\[(?:(-?\d+)|(\d+):(\d*))\]$/
const RANGE = /\[[^[\]]*:[^[\]]*\]/
/** Numbers in brackets are a place in a group, as in Ansible; a glob that read `[10-16]` as characters would pick others. */
const NUMBERS = /\[-?\d+(?:-\d*)?\]$/
const LIST = '`runbook inventory --graph` shows every name'

/** The error for a term that picks nothing, which names what was perhaps meant. */
function nothing(text: string, { nodes, groups }: Universe): UsageError {
  const nearest = nearestName(text, [...groups.map(({ name }) => name), ...nodes])
  const guess = nearest === undefined ? '' : `did you mean ${nearest}? `
  const numbers = NUMBERS.test(text) ? `[01:16] is a range, ~${text} one character of several; ` : ''
  const hint = `${guess}${numbers}${LIST}`
  return new UsageError(`nothing in the inventory is called ${text}`, { hint })
}

/** What a name without any special sign stands for; `undefined` where there is no such name. */
function findName(text: string, { nodes, groups }: Universe): Names | undefined {
  if (text === 'all' || text === '*') return nodes
  if (nodes.includes(text)) return [text]
  return groups.find(({ name }) => name === text)?.members
}

/** A glob is tried on groups and on nodes alike: what its groups hold comes first. */
function findGlob(glob: string, { nodes, groups }: Universe): Names {
  const inGroups = groups.filter(({ name }) => matchGlob(glob, name)).flatMap(({ members }) => members)
  return [...new Set([...inGroups, ...nodes.filter((name) => matchGlob(glob, name))])]
}

function findRegex(source: string, { nodes, groups }: Universe): Names {
  const fitting = new Set(matchRegex(source, [...groups.map(({ name }) => name), ...nodes]))
  const inGroups = groups.filter(({ name }) => fitting.has(name)).flatMap(({ members }) => members)
  return [...new Set([...inGroups, ...nodes.filter((name) => fitting.has(name))])]
}

/** `[2]`, `[-1]`, `[1:3]`, `[2:]` of what a name or a glob stands for; none where the head of the term is neither. */
function findSubscript(text: string, universe: Universe): Names | undefined {
  const [, head = '', index, from, to] = SUBSCRIPT.exec(text) ?? []
  if (head === '' || RANGE.test(head)) return undefined
  const names = findName(head, universe) ?? (isGlob(head) ? findGlob(head, universe) : [])
  if (names.length === 0) return undefined
  if (index === undefined) return names.slice(Number(from), to === '' ? undefined : Number(to) + 1)
  const name = names.at(Number(index))
  if (name === undefined) {
    const hint = `${head} has ${names.length}: write [0] to [${names.length - 1}]`
    throw new UsageError(`there is no ${text}`, { hint })
  }
  return [name]
}

/** The names of a range, or the same complaint as of a wrong one in an inventory, as one about the command line. */
function parseRange(text: string): Names {
  try {
    return expandRange(text)
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause
    throw new UsageError(cause.message, { ...(cause.hint === undefined ? {} : { hint: cause.hint }), cause })
  }
}

/** `edge[01:16]`: every name of the range must exist, as if they had been written one by one. */
function findRange(text: string, universe: Universe): Names {
  return parseRange(text).flatMap((name) => {
    const names = findName(name, universe) ?? (isGlob(name) ? findGlob(name, universe) : [])
    if (names.length === 0) throw nothing(name, universe)
    return names
  })
}

function findFile(path: string, universe: Universe): Names {
  const content = universe.files?.get(path)
  if (content === undefined) {
    throw new UsageError(`the file ${path} of the limit cannot be read`, {
      hint: 'check its name and its permissions',
    })
  }
  const lines = content.split(/\r?\n/).filter((line) => !line.trimStart().startsWith('#'))
  const nested = lines.find((line) => line.includes('@'))
  if (nested !== undefined) {
    throw new UsageError(`the file ${path} of the limit names another file: ${nested.trim()}`, {
      hint: 'write the names themselves into it, one a line',
    })
  }
  return matchPattern(lines.join(','), universe)
}

function findTerm(text: string, universe: Universe): Names {
  if (text.startsWith('@')) return findFile(text.slice(1), universe)
  if (text.startsWith('~')) return findRegex(text.slice(1), universe)
  const named = findName(text, universe)
  if (named !== undefined) return named
  const picked = findSubscript(text, universe)
  const isRange = RANGE.test(text)
  if (picked === undefined) {
    if (isRange) return findRange(text, universe)
    return NUMBERS.test(text) ? [] : findGlob(text, universe)
  }
  // An end left open makes a slice, never a range.
  const names = isRange && !text.endsWith(':]') ? parseRange(text) : []
  const both = names.length > 0 && names.every((name) => findName(name, universe) !== undefined)
  // Both a part of a group and a range of names: guessing wrong would touch the wrong machines.
  if (!both) return picked
  throw new UsageError(
    `${text} can mean a part of ${text.slice(0, text.lastIndexOf('['))} and a range of names`,
    {
      hint: 'write the names out, with commas between',
    },
  )
}

/**
 * The nodes that a `--limit` picks, by Ansible's rules: first everything that is added, in the order it is named, then
 * every `&` keeps, then every `!` removes, wherever they stand; a pattern that adds nothing begins with all nodes. Unlike
 * in Ansible `edge[01:16]` is a range, a term that picks nothing is a `UsageError` (a slip in `!fra-1-c` must not
 * touch `fra-1-c`), and so is a pattern that leaves nothing.
 */
export function matchPattern(pattern: string, universe: Universe): Names {
  const terms = parsePattern(pattern).map(({ sign, text }) => {
    const names = text === '' || text === '~' ? [] : findTerm(text, universe)
    if (names.length === 0) throw nothing(text === '' ? pattern : text, universe)
    return { sign, names }
  })
  if (terms.length === 0)
    throw new UsageError('the limit is empty', { hint: `leave it out for everything; ${LIST}` })
  const namesOf = (sign: string): readonly Names[] =>
    terms.flatMap((term) => (term.sign === sign ? [term.names] : []))

  const added = namesOf('add')
  let picked = [...new Set(added.length === 0 ? universe.nodes : added.flat())]
  for (const names of namesOf('keep')) picked = picked.filter((name) => names.includes(name))
  for (const names of namesOf('remove')) picked = picked.filter((name) => !names.includes(name))
  if (picked.length === 0) {
    throw new UsageError(`the limit ${pattern} leaves no target`, {
      hint: `what it adds is taken away again by its & and ! terms; ${LIST}`,
    })
  }
  return picked
}
