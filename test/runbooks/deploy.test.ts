import { describe, expect, it } from 'vitest'

import deploy from '../../runbooks/deploy.ts'

const machines = deploy.phases.find(({ number }) => number === 7)
const steps = (machines?.steps ?? []).flatMap((item) => (item.kind === 'step' ? [item] : item.steps))

describe('the machines of a cluster that serves', () => {
  it('are interrupted one by one, with the guard asked: only what all of them share is done once', () => {
    const shared = steps.flatMap((step) => (step.kind === 'step' && step.once === true ? [step.name] : []))
    expect(shared).toEqual([
      'Hosts with several uplinks do not hear their own multicast',
      'The port group accepts promiscuous mode, forged transmits and MAC address changes',
    ])
  })

  it('are waited for after whatever may have interrupted them', () => {
    const awaited = steps.flatMap((step) =>
      step.kind === 'step' && step.notify !== undefined ? [[step.name, ...step.notify]] : [],
    )
    expect(awaited).toEqual([
      ['The VM is deployed from the image', 'The node serves again with its adapters in other networks'],
      ['The VM has the processors, memory and disk it needs', 'The node serves again with its new hardware'],
      ['The VM has a NITROX card', 'The node serves again with its card'],
    ])
    expect(machines?.handlers.map(({ name }) => name)).toEqual(awaited.map(([, handler]) => handler))
  })
})
