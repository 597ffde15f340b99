import { z } from 'zod'

import { defineModule, type Change } from '#sdk'

import { outputOf } from './answer.ts'
import { addressOf, DUMP_CONFIG, isSameCloud, parseDumpConfig, type DumpedConfig } from './dump-config.ts'

/** Checks that the cloud has given the appliance the addresses of its own node: the test for a certificate mixed up. */
export const serviceAddress = defineModule({
  name: 'vzen/service-address',
  summary: 'The appliance has the addresses that ZIA has for its node',
  connection: 'appliance',
  params: z.strictObject({
    proxy: z.ipv4().meta({ description: 'Proxy IP address of the node in ZIA' }),
    gateway: z.ipv4().meta({ description: 'Default gateway of the node in ZIA' }),
    cloud: z.string().min(1).meta({ description: 'Name of the cloud, with or without .net' }),
  }),

  async read({ connection, signal }): Promise<DumpedConfig> {
    const ssh = await connection.ssh({ signal })
    const { config } = await ssh.query({ config: DUMP_CONFIG }, { signal, sudo: true })
    return parseDumpConfig(outputOf(config, 'vzen dump-config'))
  },

  diff({ cloud, service, serviceGateway }, wanted): readonly Change[] {
    const changes: Change[] = []
    const address = addressOf(service)
    if (address !== wanted.proxy) {
      const note =
        address === undefined
          ? 'the cloud has told the appliance nothing yet: is the instance activated, and the build running?'
          : 'the appliance has the certificate of another node'
      changes.push({ path: 'Service IP', from: address, to: wanted.proxy, note })
    }
    if (serviceGateway !== wanted.gateway)
      changes.push({ path: 'default gateway for Service IP', from: serviceGateway, to: wanted.gateway })
    if (cloud === undefined || !isSameCloud(cloud, wanted.cloud))
      changes.push({ path: 'CloudName', from: cloud, to: wanted.cloud })
    return changes
  },

  hint: () =>
    'the cloud tells it what its instance in ZIA has: `runbook deploy --tags instances,activate,certificate` sets that, and installs the certificate that makes it this node',
})
