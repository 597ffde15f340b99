import { ModuleError } from '../model/error.ts'
import { selectNearest } from './govmomi/nearest.ts'
import type { NamedNetwork } from './govmomi/object/clone.ts'
import type { Place } from './govmomi/object/place.ts'
import type { OvfDescriptor } from './govmomi/ovf/descriptor.ts'
import type { MoRef } from './govmomi/schema/values.ts'

/** Who is told what is no failure. */
interface Warned {
  readonly onWarning: (message: string) => void
}

function findNetwork({ networks, host }: Place, name: string, { onWarning }: Warned): NamedNetwork {
  const [found, second] = networks.filter((network) => network.name === name)
  if (found === undefined) {
    const names = networks.map((network) => network.name)
    const nearest = selectNearest(name, names)
    throw new ModuleError(`the network ${name} is not on the hosts where the virtual machine should run`, {
      hint: nearest === undefined ? `they have ${names.slice(0, 8).join(', ')}` : `did you mean ${nearest}?`,
    })
  }
  if (second !== undefined) {
    throw new ModuleError(
      `there are two networks called ${name}: ${found.ref.type} ${found.ref.value} and ${second.ref.type} ${second.ref.value}`,
      { hint: 'rename one of them in vSphere, so that the name says which is meant' },
    )
  }
  const missing = found.missingOn.join(', ')
  if (host !== undefined && missing !== '') {
    throw new ModuleError(`${missing} does not have the network ${name}`, {
      hint: 'create it there, or choose another host or network',
    })
  }
  if (missing !== '') onWarning(`${missing} does not have the network ${name}: the machine cannot run there`)
  return { name, ref: found.ref }
}

/** Finds the networks of the adapters by name. Throws for one that the place does not have, or has twice. */
export function findNetworks(
  place: Place,
  names: readonly string[],
  warned: Warned,
): readonly NamedNetwork[] {
  const known = new Map([...new Set(names)].map((name) => [name, findNetwork(place, name, warned)]))
  return names.flatMap((name) => known.get(name) ?? [])
}

/** Maps a descriptor's own names for networks: the adapters say which of ours each of them becomes. */
export function mapNetworks(
  { networks, adapters }: OvfDescriptor,
  ours: readonly NamedNetwork[],
): Readonly<Record<string, MoRef>> {
  const pairs = [...new Set([...adapters, ...networks])].flatMap((network) => {
    const to = ours[adapters.indexOf(network)] ?? ours[0]
    return to === undefined || network === '' ? [] : [[network, to.ref] as const]
  })
  return Object.fromEntries(pairs)
}
