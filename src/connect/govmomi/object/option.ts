import type { Caller } from '../client.ts'
import { isFault, VimError } from '../error.ts'
import type { PropertyReader } from '../property.ts'
import type { AnyValue, MoRef, Value } from '../schema/values.ts'
import { narrow } from './device.ts'
import type { Host } from './host.ts'

/** What reading and writing an option needs. */
export interface OptionAccess {
  readonly caller: Caller
  readonly properties: PropertyReader
  readonly signal: AbortSignal
}

/** The value of an option; an integer of 64 bits is a bigint. */
export type OptionScalar = string | number | bigint | boolean

interface Found {
  /** As the host spells it. */
  readonly key: string
  readonly value: OptionScalar
}

/**
 * How the name of an option may be spelt: `Net.ReversePathFwdCheckPromisc` in the API, `/Net/ReversePathFwdCheckPromisc` in
 * esxcli and in many an article.
 */
export function spellingsOf(name: string): readonly string[] {
  const dotted = name.replace(/^\//, '').replaceAll('/', '.')
  return [dotted, `/${dotted.replaceAll('.', '/')}`]
}

function advancedOptionOf({ name, advancedOption }: Host): MoRef {
  if (advancedOption === undefined) throw new VimError('protocol', `${name} has no advanced options`)
  return advancedOption
}

async function findOption(
  { caller, signal }: OptionAccess,
  host: Host,
  name: string,
): Promise<Found | undefined> {
  const self = advancedOptionOf(host)
  for (const spelling of spellingsOf(name)) {
    try {
      const options = await caller.call('QueryOptions', { self, args: { name: spelling }, signal })
      const known = options.find(({ key }) => spellingsOf(name).includes(key))
      if (known !== undefined && typeof known.value !== 'object')
        return { key: known.key, value: known.value }
    } catch (error) {
      if (!isFault(error, 'InvalidName')) throw error
    }
  }
  return undefined
}

/** Reads a host's advanced option under either spelling; undefined where the host knows neither. */
export async function readHostOption(
  access: OptionAccess,
  host: Host,
  name: string,
): Promise<OptionScalar | undefined> {
  return (await findOption(access, host, name))?.value
}

/** A number in the type that an option is declared in, or else in the one that it has. */
export function typeOption(
  value: number,
  {
    declared,
    current,
  }: { readonly declared: Value<'OptionType'> | undefined; readonly current: OptionScalar },
): AnyValue {
  if (narrow(declared, 'LongOption') !== undefined) return BigInt(value)
  if (narrow(declared, 'IntOption') !== undefined) return value
  if (narrow(declared, 'BoolOption') !== undefined) return value !== 0
  if (narrow(declared, 'StringOption') !== undefined) return String(value)
  if (typeof current === 'bigint') return BigInt(value)
  if (typeof current === 'boolean') return value !== 0
  return typeof current === 'string' ? String(value) : value
}

/** Sets a host's advanced option to a number, in the very type it is declared in: a host refuses every other. */
export async function writeHostOption(
  access: OptionAccess,
  host: Host,
  { name, value }: { readonly name: string; readonly value: number },
): Promise<void> {
  const { caller, properties, signal } = access
  const found = await findOption(access, host, name)
  if (found === undefined) {
    throw new VimError('not-found', `${host.name} has no advanced option ${name}`, {
      hint: 'look it up under System › Advanced Settings of the host; its name may differ in this version',
    })
  }
  const self = advancedOptionOf(host)
  const { supportedOption } = await properties.get('OptionManager', self, ['supportedOption'])
  const declared = supportedOption.find(({ key }) => key === found.key)?.optionType
  const changedValue = [{ key: found.key, value: typeOption(value, { declared, current: found.value }) }]
  await caller.call('UpdateOptions', { self, args: { changedValue }, signal })
}
