import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

/** Whether the documented password lets somebody in. */
interface DefaultPasswordFacts {
  /** Undefined where it is the wanted one, so that there is nothing to try. */
  readonly accepted: boolean | undefined
}

/** Checks by trying that the password of a fresh image no longer works. */
export const defaultPassword = defineModule({
  name: 'vzen/default-password',
  summary: 'The documented password no longer works',
  connection: 'appliance',
  params: z.strictObject({}),

  async read({ connection, signal }): Promise<DefaultPasswordFacts> {
    const { initial, wanted } = connection.passwords
    if (initial.reveal() === wanted.reveal()) return { accepted: undefined }
    return { accepted: await connection.accepts(initial, { signal }) }
  },

  diff({ accepted }): readonly Change[] {
    if (accepted === false) return []
    const note = 'anybody who has read the documentation can log in'
    return [{ path: 'documented password', from: 'accepted', to: 'refused', note }]
  },

  hint: () => '`runbook deploy --tags password` changes it to the one of the inventory',
})
