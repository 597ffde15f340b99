import { describe, expect, it } from 'vitest'

import deploy from '../../runbooks/deploy.ts'

const rolling = deploy.phases.filter((phase) => phase.rolling !== undefined)

describe('the phases that roll through a cluster', () => {
  it.each(rolling.map((phase) => [phase.name, phase] as const))(
    'ask for the health of every cluster, whatever ports it uses: %s',
    (_, { gate }) => {
      const health = gate.find(({ name }) => name === 'Every node that serves is healthy')
      // A node that hangs makes every look long: attempts alone would be no bound.
      expect(health).toMatchObject({ hold: { samples: 3 }, retry: { within: 1800 } })
      expect(health?.when).toBeUndefined()
    },
  )

  it('wait so long and no longer for a node that they have interrupted', () => {
    const handlers = rolling.flatMap((phase) => phase.handlers)
    expect(handlers.map(({ retry }) => retry?.within)).toEqual([1800, 1800, 1800])
  })

  it('come after a phase that does not, in which the SSH host keys of all nodes are made known', () => {
    const known = deploy.phases.findIndex(({ tags }) => tags?.includes('host-key'))
    expect(deploy.phases[known]).toMatchObject({ per: 'node' })
    expect(deploy.phases[known]?.rolling).toBeUndefined()
    expect(rolling.map((phase) => deploy.phases.indexOf(phase) > known)).toEqual([true, true])
  })
})
