import { refuse } from '../reply.ts'
import { without, type Resource } from '../resource.ts'
import type { Body } from '../shape.ts'
import { idsOf, type Stored } from '../state.ts'

/** What the server alone may say; it is ignored in a body. */
const OWNED = ['creatorContext', 'isNonEditable', 'extranetIpPool'] as const

/** IP source groups, as recorded: the echo of a new one is narrower than GET. */
export const sourceGroup: Resource = {
  noun: 'IP source group',
  firstId: 10_500_001,
  latency: { GET: 350, POST: 1910, PUT: 2490, DELETE: 1760 },
  pages: { size: 1000, most: 1000 },
  most: 4000,
  required: ['name'],
  shape: {
    id: 'number',
    name: 'text',
    description: 'text',
    ipAddresses: 'texts',
    creatorContext: 'text',
    isNonEditable: 'flag',
    extranetIpPool: 'flag',
  },
  complete: ({ body }): Body => ({
    description: '',
    ipAddresses: [],
    ...without(body, OWNED),
  }),
  keep: (stored, { staged, rules }) =>
    rules.isPlausible &&
    staged.firewallFilteringRules.some((rule) => idsOf(rule['srcIpGroups']).includes(stored.id))
      ? refuse(409, 'RESOURCE_IN_USE', `Group ${stored.name} cannot be deleted: a rule refers to it`)
      : undefined,
  show,
  echo: (stored, { old }) => (old === undefined ? stored : show(stored)),
}

function show(stored: Stored): Body {
  return { ...stored, creatorContext: 'ZIA', isNonEditable: false, extranetIpPool: false }
}
