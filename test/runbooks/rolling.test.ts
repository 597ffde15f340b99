import { describe, expect, it } from 'vitest'

import deploy from '../../runbooks/deploy.ts'

const rolling = deploy.phases.filter((phase) => phase.rolling !== undefined)

describe('the phases that roll through a cluster', () => {
  it.each(rolling.map((phase) => [phase.name, phase] as const))(
    'ask for the health of every cluster, whatever ports it uses: %s',
    (_, { gate }) => {
      const health = gate.find(({ name }) => name === 'Every node that serves is healthy')
      expect(health).toMatchObject({ hold: { samples: 3 } })
      expect(health?.when).toBeUndefined()
    },
  )

  it('come after a phase that does not, in which the SSH host keys of all nodes are made known', () => {
    const known = deploy.phases.findIndex(({ tags }) => tags?.includes('host-key'))
    expect(deploy.phases[known]).toMatchObject({ per: 'node' })
    expect(deploy.phases[known]?.rolling).toBeUndefined()
    expect(rolling.map((phase) => deploy.phases.indexOf(phase) > known)).toEqual([true, true])
  })
})
