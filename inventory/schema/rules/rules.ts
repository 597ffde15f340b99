import type { InventoryRule } from '#sdk'

import type { VseLevels } from '../levels.ts'
import { certificates } from './certificates.ts'
import { confirmations } from './confirmations.ts'
import { distinctAddresses } from './distinct-addresses.ts'
import { loadBalancing } from './load-balancing.ts'
import { names } from './names.ts'
import { nitrox } from './nitrox.ts'
import { placement } from './placement.ts'
import { portGroups } from './port-groups.ts'
import { redundancyGroups } from './redundancy-groups.ts'
import { sameSubnet } from './same-subnet.ts'
import { size } from './size.ts'
import { updateTimes } from './update-times.ts'

/** What must hold between the parts of an inventory. */
export const rules: readonly InventoryRule<VseLevels>[] = [
  names,
  size,
  loadBalancing,
  sameSubnet,
  distinctAddresses,
  redundancyGroups,
  certificates,
  placement,
  portGroups,
  nitrox,
  updateTimes,
  confirmations,
]
