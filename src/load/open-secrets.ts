import { createHash } from 'node:crypto'

import { ConfigError } from '../model/error.ts'
import type { Issue } from '../model/issue.ts'
import type { Secret, SecretSource } from '../model/secret.ts'
import { readSecret, type SecretSurroundings } from './read-secret.ts'

/** A place of the inventory that refers to a secret. */
export interface WantedSecret {
  readonly secret: Secret
  /** `sites.fra.vcenter.password` */
  readonly path: string
  /** Name of the target whose variable it is. */
  readonly target: string
  /** Absolute folder that a relative file is relative to. */
  readonly folder: string
}

/** How to open secrets. */
export interface OpenSecretsOptions extends SecretSurroundings {
  /** In the lab every secret is a stand-in; nothing is looked up. */
  readonly lab: boolean
}

/** The value that stands in for a secret in the lab: always the same for the same reference, and no real secret. */
export function renderStandIn(source: SecretSource): string {
  const hash = createHash('sha256').update(JSON.stringify(source)).digest('hex')
  return `Lab-${hash.slice(0, 20)}`
}

/** Of all places that refer to a secret, those that a run against these targets may need; names of all levels. */
export function selectSecrets(
  wanted: readonly WantedSecret[],
  targets: ReadonlySet<string>,
): readonly WantedSecret[] {
  return wanted.filter(({ target }) => targets.has(target))
}

/** Places by what they refer to, so that nothing is asked, run or read twice. */
function groupBySource(wanted: readonly WantedSecret[]): readonly (readonly WantedSecret[])[] {
  const groups = new Map<string, WantedSecret[]>()
  for (const one of wanted) {
    if (one.secret.isOpen) continue
    const key = JSON.stringify([one.secret.source, one.secret.source.kind === 'file' ? one.folder : ''])
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()]
}

/**
 * Opens secrets before a run, all of them at once; questions are asked one after the other. Throws one `ConfigError`
 * that names every place whose secret could not be had.
 */
export async function openSecrets(
  wanted: readonly WantedSecret[],
  options: OpenSecretsOptions,
): Promise<void> {
  const issues: Issue[] = []
  const open = async (group: readonly WantedSecret[]): Promise<void> => {
    const [first] = group
    if (first === undefined) return
    const { source } = first.secret
    const value = options.lab
      ? renderStandIn(source)
      : await readSecret({ source, folder: first.folder }, options).catch((error: unknown) => {
          options.signal.throwIfAborted()
          if (!(error instanceof ConfigError)) throw error
          const hint = error.hint === undefined ? {} : { hint: error.hint }
          issues.push({ path: group.map(({ path }) => path).join(', '), message: error.message, ...hint })
        })
    if (value === undefined) return
    for (const secret of new Set(group.map((one) => one.secret))) secret.open(value)
  }
  const groups = groupBySource(wanted)
  const asked = groups.filter(([first]) => first?.secret.source.kind === 'prompt')
  await Promise.all(groups.filter((group) => !asked.includes(group)).map((group) => open(group)))
  // Nobody is asked for anything before the rest is known to be there.
  if (issues.length === 0) for (const group of asked) await open(group)
  if (issues.length === 0) return
  throw new ConfigError(
    `${issues.length === 1 ? 'a secret' : `${issues.length} secrets`} could not be opened`,
    {
      issues,
      hint: 'nothing was touched; provide them and run the same command again',
    },
  )
}
