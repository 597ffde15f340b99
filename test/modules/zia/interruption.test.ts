import { describe, expect, test } from 'vitest'

import { activation } from '../../../modules/zia/activation.ts'
import { cluster } from '../../../modules/zia/cluster.ts'
import { firewallRule } from '../../../modules/zia/firewall-rule.ts'
import { instance } from '../../../modules/zia/instance.ts'
import { locationBinding } from '../../../modules/zia/location-binding.ts'
import { createRig, viewsOf, type Rig } from '../../lab/zia/rig.ts'
import { converge } from './converge.ts'

const PLACE = { subnetMask: '255.255.255.0', gateway: '10.0.0.254' }
const CREATE = { country: 'GERMANY', tz: 'GERMANY_EUROPE_BERLIN' }

/** Steps 1, 4, 5 and 6 of one cluster, and the activation; it ends for good at the request of this number. */
async function deploy(rig: Rig, endAt = Infinity): Promise<number> {
  const stop = new AbortController()
  let requests = 0
  const session = await rig.open({
    signal: stop.signal,
    trace(level) {
      if (level !== 1) return
      requests += 1
      // What is on its way then may or may not arrive: that is what a killed process leaves behind.
      if (requests === endAt) setImmediate(() => stop.abort(new RangeError('killed')))
    },
  })
  const under = { session, clock: rig.clock }
  for (const [index, name] of ['a', 'b'].entries()) {
    const proxy = `10.0.0.${index + 1}`
    await converge(
      instance,
      { name, ...PLACE, proxy, loadBalancer: `10.0.0.${index + 11}`, mode: 'cluster' },
      under,
    )
  }
  await converge(cluster, { name: 'c', ...PLACE, address: '10.0.0.100', nodes: ['a', 'b'] }, under)
  await converge(locationBinding, { location: 'Lab', cluster: 'c', create: CREATE }, under)
  await converge(firewallRule, { name: 'VSE c', addresses: ['10.0.0.1', '10.0.0.2', '10.0.0.100'] }, under)
  await converge(activation, {}, under)
  return requests
}

/** Everything in the tenant, without ids and times. */
async function describeTenant(rig: Rig): Promise<unknown> {
  const { reader } = viewsOf(await rig.open())
  const rules = await reader.list('firewallFilteringRules')
  const locations = await reader.list('locations')
  return {
    status: rig.tenant.status(),
    rules: rules.map(({ name, order, action }) => ({ name, order, action })),
    bindings: locations.map(({ name, virtualZenClusters }) => ({
      name,
      bound: virtualZenClusters?.map((one) => one.name),
    })),
    groups: (await reader.list('ipSourceGroups')).map(({ name, ipAddresses }) => ({ name, ipAddresses })),
  }
}

describe('a run of the ZIA steps that was killed', () => {
  test(
    'at every other request is finished by the next run, with nothing twice',
    { timeout: 120_000 },
    async () => {
      const whole = await createRig()
      const requests = await deploy(whole)
      const wanted = await describeTenant(whole)
      expect(requests).toBeGreaterThan(20)
      let killed = 0
      for (let endAt = 2; endAt <= requests; endAt += 2) {
        const rig = await createRig()
        // A run may need a request less than another: what it shares depends on when it asks.
        const ending = await deploy(rig, endAt).then(
          () => 'whole',
          (error: Error) => error.message,
        )
        if (ending.includes('killed')) killed += 1
        else expect(endAt).toBeGreaterThan(requests - 3)
        await deploy(rig)
        expect(await describeTenant(rig)).toEqual(wanted)
      }
      expect(killed).toBeGreaterThan(8)
    },
  )
})
