import type { SeedSubnet } from '../../../model/lab-seed.ts'
import { isInside, parseCidr } from '../ipv4.ts'
import type { NetworkSettings } from '../state.ts'

/** What the management interface can reach. */
export interface Reach {
  /** The lab's subnet that the management address lies in. */
  readonly subnet: SeedSubnet | undefined
  /** The configured gateway is the subnet's. */
  readonly gateway: boolean
  /** A configured name server answers. */
  readonly names: boolean
}

/** The subnet of the lab that an address lies in. */
function selectSubnet(subnets: readonly SeedSubnet[], address: string): SeedSubnet | undefined {
  return subnets.find(({ cidr }) => {
    const parsed = parseCidr(cidr)
    return parsed !== undefined && isInside(address, parsed)
  })
}

/** Works out what a machine with these settings can reach. */
export function planReach(network: NetworkSettings | undefined, subnets: readonly SeedSubnet[]): Reach {
  const subnet = network === undefined ? undefined : selectSubnet(subnets, network.address)
  const gateway = subnet !== undefined && network?.gateway === subnet.gateway
  const names = network?.dns.some((server) => subnet?.dns.includes(server)) ?? false
  return { subnet, gateway, names: gateway && names }
}
