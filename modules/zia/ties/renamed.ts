import { ModuleError } from '#sdk'

/** What was found under our name when the lists were compared. */
interface Ours {
  readonly id: number
  readonly name: string
}

/**
 * Throws a `ModuleError` where the object that had our name has another one now: what somebody has renamed is somebody else's.
 * One that is gone is fine.
 */
export function refuseRenamed(
  objects: readonly { readonly id: number; readonly name: string }[],
  { id, name }: Ours,
): void {
  const now = objects.find((one) => one.id === id)
  if (now === undefined || now.name === name) return
  throw new ModuleError(`${name} is not removed: somebody has renamed it “${now.name}” meanwhile`, {
    hint: 'find out who, and run the same command again',
  })
}
