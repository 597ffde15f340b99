import type { Value } from '../../connect/govmomi/schema/values.ts'
import type { GuestKey } from '../guest.ts'
import { faults } from './model/method-fault.ts'
import type { Vm } from './model/vm.ts'

/** The USB usage page of keyboards, in the lower half of every code. */
const KEYBOARD = 7

/** Presses keys of a machine's keyboard; gives how many arrived. `lossy`: only the first half does. */
export function pressKeys(
  vm: Vm,
  events: Value<'UsbScanCodeSpec'>['keyEvents'],
  { lossy }: { readonly lossy: boolean },
): number {
  const keys = events.map(toKey)
  return vm.guest?.type(lossy ? keys.slice(0, Math.floor(keys.length / 2)) : keys) ?? 0
}

function toKey({ usbHidCode, modifiers: held }: Value<'UsbScanCodeSpecKeyEvent'>): GuestKey {
  if ((usbHidCode & 0xffff) !== KEYBOARD) throw faults.invalidArgument('spec.keyEvents.usbHidCode')
  return {
    usage: usbHidCode >> 16,
    shift: held?.leftShift === true || held?.rightShift === true,
    control: held?.leftControl === true || held?.rightControl === true,
    alt: held?.leftAlt === true || held?.rightAlt === true,
  }
}
