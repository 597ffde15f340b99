import { IMPORT_MARK, ModuleError, type VSphereReader } from '#sdk'

type Machine = NonNullable<Awaited<ReturnType<VSphereReader['machine']>>>

const describe = (networks: readonly string[]): string =>
  networks.map((name, index) => `${index + 1} in ${name === '' ? 'no network' : name}`).join(', ')

/** What to do about a machine that is not what a run would make of it. */
export const STRANGER_HINT = `rename or remove it, plug its adapters into these networks, or hand it over by setting its advanced setting ${IMPORT_MARK} to done`

/**
 * Why a machine that somebody made by hand cannot be taken over. One that is as the documentation describes it is welcome; to
 * change one that only has the same name might take a service off the network, so that a person has to say whose it is.
 */
export function explainStranger({ nics, disks }: Machine, networks: readonly string[]): string | undefined {
  const has = nics.map(({ network }) => network)
  if (networks.every((network, index) => has[index] === network) && disks.length > 0) return undefined
  return `its adapters are ${describe(has) || 'none'}, with ${disks.length} disks; wanted are ${describe(networks)}`
}

/** How far the import of a machine has come that a run has made; nothing where none has. */
export function markOf({ settings }: Pick<Machine, 'settings'>): 'importing' | 'done' | undefined {
  const mark = settings[IMPORT_MARK]
  return mark === 'importing' || mark === 'done' ? mark : undefined
}

/** Throws where no run has made a machine, and it cannot be taken over either. */
export function refuseStranger(machine: Machine, networks: readonly string[]): void {
  const why = markOf(machine) === undefined ? explainStranger(machine, networks) : undefined
  if (why === undefined) return
  throw new ModuleError(`${machine.name} was not made by a run, and is not what a run would make: ${why}`, {
    hint: STRANGER_HINT,
  })
}
