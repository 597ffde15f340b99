import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

import type { Services } from './services.ts'
import { START_AGAIN, status } from './status.ts'

const { uses } = status

/**
 * Checks that an appliance which was restarted on the way serves as before. Without it, the next node of its cluster could
 * be restarted while this one still starts.
 */
export const servesAgain = defineModule({
  name: 'vzen/serves-again',
  summary: 'An appliance that was restarted serves again',
  connection: 'appliance',
  params: uses.params.extend({
    restarted: z.boolean().meta({ description: 'Whether it was restarted; nothing is looked at where not' }),
  }),

  async read(context): Promise<Services | null> {
    return context.params.restarted ? uses.read(context) : null
  },

  diff: (services, { mode }): readonly Change[] => (services === null ? [] : uses.diff(services, { mode })),

  hint: () => START_AGAIN,
})
