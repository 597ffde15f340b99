import { demandPower } from './demand.ts'
import { faults } from './model/method-fault.ts'
import type { Vm } from './model/vm.ts'
import type { World } from './model/world.ts'

/** The question that every administrator has met; the keys are those of the real one. */
const MOVED_OR_COPIED = {
  message: 'msg.uuid.altered',
  text: 'This virtual machine might have been moved or copied. If you do not know, answer "I Copied It".',
  choices: [
    ['0', 'Cancel'],
    ['1', 'I Moved It'],
    ['2', 'I Copied It'],
  ],
  preset: 2,
} as const

const CANCEL = '0'

/** Switches a machine on, at the host that can run it; asks first where that was injected. */
export async function switchOn(
  world: World,
  vm: Vm,
  { asked, signal }: { readonly asked?: string | undefined; readonly signal: AbortSignal },
): Promise<void> {
  demandPower(world, vm, asked)
  if (world.faults.take('question')) {
    const choice = await world.questions.ask(vm.ref.value, MOVED_OR_COPIED, signal)
    if (choice === CANCEL) throw faults.vmConfig('The operation was canceled by the answer to a question.')
  }
  // The answer may have been long in coming.
  const { state } = demandPower(world, vm, asked)
  if (state.moid !== vm.state.host) vm.update({ host: state.moid })
  await vm.powerOn()
}
