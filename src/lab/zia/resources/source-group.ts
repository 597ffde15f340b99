import { without, type Resource } from '../resource.ts'
import type { Body } from '../shape.ts'

/** IP source groups. */
export const sourceGroup: Resource = {
  noun: 'IP source group',
  firstId: 10_500_001,
  latency: { GET: 500, POST: 1600, PUT: 1900, DELETE: 1700 },
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
  complete: ({ body }): Body => ({ description: '', ipAddresses: [], ...body }),
  show: (stored) => ({ ...stored, creatorContext: 'ZIA', isNonEditable: false, extranetIpPool: false }),
  echo: (stored) => without(stored, ['creatorContext', 'isNonEditable', 'extranetIpPool']),
}
