import type { Input, Value } from '../../connect/govmomi/schema/values.ts'
import { faults } from './model/method-fault.ts'
import type { HostState } from './model/state.ts'

interface Definition {
  readonly key: string
  readonly initial: bigint
  readonly max: bigint
  readonly summary: string
}

const DEFINITIONS: readonly Definition[] = [
  {
    key: 'Net.ReversePathFwdCheck',
    initial: 1n,
    max: 1n,
    summary: 'Block the multicast and broadcast that a team of uplinks brings back',
  },
  {
    key: 'Net.ReversePathFwdCheckPromisc',
    initial: 0n,
    max: 1n,
    summary:
      'Block duplicate packet in a teamed environment when the virtual switch is set to Promiscuous mode.',
  },
  {
    key: 'Net.TcpipHeapMax',
    initial: 1024n,
    max: 1536n,
    summary: 'Maximum megabytes the tcpip module heap can grow to',
  },
  {
    key: 'UserVars.SuppressShellWarning',
    initial: 0n,
    max: 1n,
    summary: 'Do not show warnings for the enabled shell',
  },
]

/** The advanced options that a host ships with. */
export function createOptions(): Record<string, number> {
  return Object.fromEntries(DEFINITIONS.map(({ key, initial }) => [key, Number(initial)]))
}

/** What can be set, and to what. */
export function describeOptionDefs(): readonly Input<'OptionDef'>[] {
  return DEFINITIONS.map(({ key, initial, max, summary }) => ({
    key,
    label: key.split('.').at(-1) ?? key,
    summary,
    optionType: {
      $type: 'LongOption',
      valueIsReadonly: false,
      min: 0n,
      max,
      defaultValue: initial,
    } as Input<'OptionType'>,
  }))
}

/** The options of a host; all of the lab's are long integers. */
export function describeOptions({ options }: HostState): readonly Input<'OptionValue'>[] {
  return Object.entries(options).map(([key, value]) => ({ key, value: BigInt(value) }))
}

/** The options that a name means: itself, everything below it where it ends in a dot, or all. */
export function queryOptions(state: HostState, name: string | undefined): readonly Input<'OptionValue'>[] {
  const found = describeOptions(state).filter(
    ({ key }) =>
      name === undefined || name === '' || key === name || (name.endsWith('.') && key.startsWith(name)),
  )
  if (found.length === 0) throw faults.invalidName(name ?? '')
  return found
}

/**
 * Sets options. All are checked first; the type has to be the declared one, as a real host insists. `before` is told of each
 * while the old value still holds.
 */
export function updateOptions(
  state: HostState,
  changes: readonly Value<'OptionValue'>[],
  before: (change: { readonly key: string; readonly value: number }) => void,
): void {
  for (const { key, value } of changes) {
    const definition = DEFINITIONS.find((each) => each.key === key)
    if (definition === undefined) throw faults.invalidName(key)
    if (typeof value !== 'bigint' || value < 0n || value > definition.max) throw faults.invalidArgument(key)
  }
  for (const { key, value } of changes) {
    before({ key, value: Number(value) })
    state.options[key] = Number(value)
  }
}
