import type { Action, Module } from '../../model/module.ts'
import { listParams, type ParamRow } from './json-schema.ts'

/** A module or an action, as its file exports it. */
export type Documented = Module | Action

const CONNECTIONS: Readonly<Record<Documented['connection'], string>> = {
  none: 'needs no connection',
  zia: 'talks to ZIA',
  vsphere: 'talks to vCenter or ESXi',
  appliance: 'talks to the appliance, over SSH or its console',
  members: 'talks to all appliances of a cluster',
}

function renderEffect(one: Documented): string {
  if (one.kind === 'action') {
    return one.changes === 'always'
      ? 'an action: runs each time, and cannot be predicted by `--check`'
      : 'an action that only looks: runs with `--check`, too'
  }
  if (one.apply === undefined) return 'a check: fails where it finds a difference, and changes nothing'
  if (one.readBack !== undefined) return `cannot be read back: ${one.readBack.why}`
  if (one.settle !== undefined) return `read back after every change, for up to ${one.settle.within} s`
  return 'read back after every change'
}

const cell = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replaceAll('|', String.raw`\|`)
    .trim()

function renderParam({ path, type, need, description }: ParamRow): string {
  const code = (text: string): string => (text === '' || text === 'required' ? text : `\`${text}\``)
  return `| \`${path}\` | ${[type, code(need), description].map(cell).join(' | ')} |`
}

/** The section of one module: what it is for, how it works, and a table of its params. */
export function renderModule(one: Documented): readonly string[] {
  const params = listParams(one.params)
  const table = [
    '| param | type | default | meaning |',
    '| --- | --- | --- | --- |',
    ...params.map(renderParam),
  ]
  return [
    `### ${one.name}`,
    '',
    one.summary.replace(/\.?$/, '.'),
    '',
    `- ${CONNECTIONS[one.connection]}`,
    `- ${renderEffect(one)}`,
    '',
    ...(params.length === 0 ? ['No params.'] : table),
  ]
}

/** The reference of all modules: a section per family, in alphabetical order. */
export function renderReference(modules: readonly Documented[]): string {
  const sorted = modules.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const families = new Map<string, Documented[]>()
  for (const one of sorted) {
    const family = one.name.split('/', 1)[0] ?? ''
    families.set(family, [...(families.get(family) ?? []), one])
  }
  const sections = [...families].flatMap(([family, members]) => [
    '',
    `## ${family}`,
    ...members.flatMap((one) => ['', ...renderModule(one)]),
  ])
  const head = [
    '# Modules',
    '',
    '<!-- Written by `runbook docs` from the modules; edit those instead. -->',
    '',
    `What a step can do: ${modules.length} modules. A param without a default that is not required may be left out.`,
  ]
  return `${[...head, ...sections].join('\n')}\n`
}
