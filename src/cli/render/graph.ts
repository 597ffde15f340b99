import type { Target } from '../../model/target.ts'

/** The lines of a tree: what hangs on what. */
interface Branches {
  readonly more: string
  readonly last: string
  readonly through: string
}

const UNICODE: Branches = { more: '├─ ', last: '└─ ', through: '│  ' }
const ASCII: Branches = { more: '|- ', last: '`- ', through: '|  ' }

function isBelow(target: Target, parent: Target): boolean {
  switch (target.level) {
    case 'estate':
      return false
    case 'site':
      return parent.level === 'estate'
    case 'cluster':
      return parent.level === 'site' && target.site === parent.name
    case 'node':
      return parent.level === 'cluster' && target.cluster === parent.name
  }
}

/** An inventory as a tree; targets come parents first, as they are listed. */
export function renderGraph(
  targets: readonly Target[],
  { unicode }: { readonly unicode: boolean },
): readonly string[] {
  const signs = unicode ? UNICODE : ASCII
  const renderBelow = (parent: Target): readonly string[] => {
    const children = targets.filter((target) => isBelow(target, parent))
    return children.flatMap((child, index) => {
      const isLast = index === children.length - 1
      const below = renderBelow(child).map((line) => `${isLast ? '   ' : signs.through}${line}`)
      return [`${isLast ? signs.last : signs.more}${titleOf(child)}`, ...below]
    })
  }
  return targets
    .filter(({ level }) => level === 'estate')
    .flatMap((root) => [titleOf(root), ...renderBelow(root)])
}

const titleOf = ({ name, level }: Target): string => (level === 'node' ? name : `${name} (${level})`)
