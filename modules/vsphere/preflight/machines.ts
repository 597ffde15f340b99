import type { Change } from '#sdk'

import { STRANGER_HINT } from '../stranger.ts'
import type { Facts } from './facts.ts'

/** Names that are taken: a machine of that name elsewhere would get a twin with the same addresses. */
export function diffMachines({ machines }: Facts): readonly Change[] {
  const here = new Set(machines.filter((machine) => machine.here).map(({ name }) => name))
  const elsewhere = machines
    .filter((machine) => !machine.here && !here.has(machine.name))
    .map(({ name }) => ({
      path: `virtual machine ${name}`,
      from: 'in another folder',
      to: 'in the folder of the placement, or nowhere',
      note: 'move it there, name its folder in the inventory, or rename it if it is somebody else’s',
    }))
  const strange = machines.flatMap(({ name, misfit }) =>
    misfit === null
      ? []
      : [
          {
            path: `virtual machine ${name}`,
            from: 'made by somebody else',
            to: 'one that can be taken over',
            note: `${misfit}; ${STRANGER_HINT}`,
          },
        ],
  )
  return [...elsewhere, ...strange]
}

/** Machines that were made by hand, and are taken over if they are as wanted. */
export function noteMachines({ machines }: Facts): readonly string[] {
  const foreign = machines
    .filter(({ here, ours, misfit }) => here && !ours && misfit === null)
    .map(({ name }) => name)
  return foreign.length === 0
    ? []
    : [`${foreign.join(', ')}: made by somebody else, and taken for what the inventory describes`]
}
