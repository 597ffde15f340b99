import type { Caller } from '../client.ts'
import { isFault, VimError } from '../error.ts'
import type { Host } from './host.ts'

/** What reading and writing an option needs. */
export interface OptionAccess {
  readonly caller: Caller
  readonly signal: AbortSignal
}

/** Reads a host's advanced option; undefined where the host does not know it. An integer of 64 bits is a bigint. */
export async function readHostOption(
  { caller, signal }: OptionAccess,
  host: Host,
  name: string,
): Promise<string | number | bigint | boolean | undefined> {
  const self = host.advancedOption
  if (self === undefined) throw new VimError('protocol', `${host.name} has no advanced options`)
  try {
    const options = await caller.call('QueryOptions', { self, args: { name }, signal })
    const value = options.find(({ key }) => key === name)?.value
    return typeof value === 'object' ? undefined : value
  } catch (error) {
    if (isFault(error, 'InvalidName')) return undefined
    throw error
  }
}

/** Sets a host's advanced option to a number, of the very type that it has: a host refuses every other. */
export async function writeHostOption(
  access: OptionAccess,
  host: Host,
  { name, value }: { readonly name: string; readonly value: number },
): Promise<void> {
  const current = await readHostOption(access, host, name)
  if (current === undefined) {
    throw new VimError('not-found', `${host.name} has no advanced option ${name}`, {
      hint: 'look it up under System › Advanced Settings of the host; its name may differ in this version',
    })
  }
  const typed =
    typeof current === 'bigint' ? BigInt(value) : typeof current === 'string' ? String(value) : value
  const self = host.advancedOption
  if (self === undefined) return
  const changedValue = [{ key: name, value: typed }]
  await access.caller.call('UpdateOptions', { self, args: { changedValue }, signal: access.signal })
}
