import type { Staged, StagedBy } from './pending.ts'

/** Adds what this run, with its selection, has staged to what earlier ones have left. */
export function addOwn(
  earlier: Staged | undefined,
  { domains, selection }: { readonly domains: Iterable<string>; readonly selection: string | undefined },
): StagedBy {
  const before = listBy(earlier)
  const isKnown = (domain: string): boolean =>
    before.some((one) => one[0] === domain && isSame(one[1], selection))
  const own = [...domains].filter((domain) => !isKnown(domain))
  return [...before, ...own.map((domain) => [domain, selection ?? ''] as const)]
}

/** The domains that runs have left which were not to do just what one with this selection is to. */
export function listOthers(earlier: Staged | undefined, selection: string | undefined): readonly string[] {
  const others = listBy(earlier).filter((one) => !isSame(one[1], selection))
  return [...new Set(others.map(([domain]) => domain))]
}

function listBy(staged: Staged | undefined): StagedBy {
  return staged?.by ?? staged?.domains.map((domain) => [domain, ''] as const) ?? []
}

/** One that nobody knows is like no other. */
const isSame = (one: string, other: string | undefined): boolean => one !== '' && one === other
