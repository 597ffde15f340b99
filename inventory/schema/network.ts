import { z } from 'zod'

import { ipv4, line, subnetField } from './fields.ts'

/** The one VLAN that the three interfaces of every appliance share. */
export const network = {
  subnet: subnetField().meta({
    description: 'subnet of management, proxy, load balancer and cluster addresses: 10.84.0.0/24',
    rule: 'X-01',
  }),
  gateway: ipv4('S-103').meta({ description: 'default gateway, inside the subnet', rule: 'S-103' }),
  dns: z.array(ipv4('S-099')).min(1).max(3).meta({
    description: 'one to three DNS servers; they resolve cloud names and proxied names',
    rule: 'S-099',
  }),
  ntp: z
    .array(line(253))
    .min(1)
    .optional()
    .meta({ description: 'NTP servers; the appliance’s own choice where absent', rule: 'X-07' }),
  portGroup: z
    .strictObject({
      name: line(80).meta({
        description: 'name of the port group made for the Virtual Service Edges',
        rule: 'S-022',
      }),
      kind: z
        .enum(['standard', 'distributed'])
        .default('standard')
        .meta({ description: 'port group of a standard or of a distributed switch', rule: 'S-017' }),
      switch: line(80).default('vSwitch0').meta({ description: 'the switch it belongs to', rule: 'S-017' }),
      vlan: z.int().min(0).max(4094).optional().meta({
        description:
          'VLAN id from 1 to 4094, 0 for none; where absent, that of a port group which exists is kept',
        rule: 'S-035',
      }),
    })
    .meta({ description: 'the port group of all three interfaces', rule: 'S-035' }),
}
