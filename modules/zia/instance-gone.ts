import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

/** What of an instance ZIA still has. */
type Facts = {
  /** Names of the instances that have its name or its address. */
  readonly there: readonly string[]
  /** Whether edits of an earlier run wait for an activation, its removal perhaps among them. */
  readonly isStaged: boolean
}

/** Looks whether an instance is gone from ZIA, before the machine that it runs on goes: users of one that is there are sent to it. */
export const instanceGone = defineModule({
  name: 'zia/instance-gone',
  summary: 'ZIA no longer has a Virtual Service Edge instance, so that nobody is sent to it',
  connection: 'zia',
  params: z.strictObject({
    name: z.string().min(1).meta({ description: 'Name of the instance, exactly' }),
    proxy: z.ipv4().meta({ description: 'Its proxy IP address, by which one with another name is found' }),
  }),

  async read({ connection, params: { name, proxy }, warn }): Promise<Facts> {
    const [instances, { whose }] = await Promise.all([
      connection.listAfresh('virtualZenNodes'),
      connection.pending(),
    ])
    const there = instances.flatMap((one) => (one.name === name || one.ipAddress === proxy ? [one.name] : []))
    if (whose === 'others') warn('somebody else has changes pending in ZIA: the removal may be among them')
    return { there, isStaged: whose !== 'nothing' && whose !== 'others' }
  },

  diff: ({ there, isStaged }, { name }): readonly Change[] => [
    ...there.map((one) => ({
      path: `instance ${name}`,
      from: `in ZIA${one === name ? '' : `, as ${one}`}`,
      note: 'users may be sent to it: let the same command delete it there first, without --tags',
    })),
    ...(isStaged && there.length === 0
      ? [
          {
            path: `removal of ${name}`,
            from: 'staged',
            to: 'active',
            note: 'ZIA sends users to it until that: run the same command without --tags, or activate it in the Admin Portal',
          },
        ]
      : []),
  ],

  hint: () =>
    'nothing is taken away from a node that users may be sent to; mend that, and run the same command again',
})
