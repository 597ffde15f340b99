import { ModuleError, type VSphereReader } from '#sdk'

type Machine = NonNullable<Awaited<ReturnType<VSphereReader['machine']>>>

/** The virtual machine at a path, which must be off; `what` says in the refusal what can be done only then. */
export async function findPoweredOff(
  connection: VSphereReader,
  vm: string,
  { what }: { readonly what: string },
): Promise<Machine> {
  const machine = await connection.machine(vm)
  if (machine === undefined) {
    throw new ModuleError(`there is no virtual machine at ${vm}`, { hint: 'deploy it first' })
  }
  if (machine.power === 'poweredOff') return machine
  throw new ModuleError(`${vm} is on, and ${what} while it is off`, {
    hint: 'take the node out of service, shut it down, and run again',
  })
}
