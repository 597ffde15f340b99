import type { LoadedInventory } from '../load/load-inventory.ts'
import type { Project } from '../load/project.ts'
import type { Clock } from '../model/clock.ts'
import { UsageError } from '../model/error.ts'
import type { Network } from '../model/network.ts'
import type { Operator } from '../model/operator.ts'
import { readLabScale } from './lab-scale.ts'

/** Where a run takes place: in the world, or in the lab. */
export interface Surroundings extends AsyncDisposable {
  readonly network: Network
  readonly clock: Clock
  readonly operator: Operator
  /** Present in the lab. */
  readonly lab: { readonly scale: number } | undefined
}

/** Opens the lab for an inventory that lives there, and the world for every other. */
export async function openSurroundings(
  inventory: LoadedInventory,
  { project, step }: { readonly project: Project; readonly step: boolean },
): Promise<Surroundings> {
  const isManned = process.stdin.isTTY && process.stdout.isTTY
  if (step && !isManned) {
    throw new UsageError('--step asks before each step, and there is no terminal to ask on', {
      hint: 'run it on a terminal, or choose the steps by --tags and --start-at',
    })
  }
  const { absentOperator, createTerminalOperator } = await import('./terminal-operator.ts')
  const person = isManned
    ? createTerminalOperator({ input: process.stdin, output: process.stdout })
    : absentOperator
  if (!inventory.lab) return openWorld(person)
  const { openLab } = await import('../lab/lab.ts')
  const seed = inventory.schema.lab(inventory.estate)
  const lab = await openLab({
    seed,
    state: project.state,
    scale: readLabScale(process.env),
  })
  const { network, clock } = lab
  // The lab's own person downloads what is asked for; whoever wants to be asked before each step still is.
  const operator: Operator = step
    ? withTypist({ ...person, perform: (task, use) => lab.operator.perform(task, use) }, person)
    : withTypist(lab.operator, person)
  return {
    network,
    clock,
    operator,
    lab: { scale: clock.scale },
    [Symbol.asyncDispose]: () => lab.close(),
  }
}

/** An operator for everything but what has to be typed, which is a real person's. */
function withTypist(operator: Operator, person: Operator): Operator {
  return {
    ...operator,
    isAskedToType: person.isAsked,
    perform: (task, use) => (task.types === undefined ? operator : person).perform(task, use),
  }
}

async function openWorld(operator: Operator): Promise<Surroundings> {
  const [{ wallClock }, { worldNetwork }] = await Promise.all([
    import('../connect/wall-clock.ts'),
    import('../connect/world-network.ts'),
  ])
  return {
    network: worldNetwork,
    clock: wallClock,
    operator,
    lab: undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
