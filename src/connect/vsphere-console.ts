import { CommandError, ConnectError } from '../model/error.ts'
import type { ConsolePort, Key } from './console/port.ts'
import { isFault } from './govmomi/error.ts'
import type { Input, MoRef } from './govmomi/schema/values.ts'
import type { Session } from './govmomi/session.ts'
import { guard } from './vsphere-error.ts'
import type { Ground } from './vsphere-ground.ts'

/** The console of one virtual machine. */
export interface ConsoleOptions {
  /** Inventory path of the virtual machine. */
  readonly vm: string
  readonly writable: boolean
  readonly groundFor: (signal: AbortSignal) => Ground
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47])

/** USB's keyboard page, in the lower half of a scan code. */
const KEYBOARD_PAGE = 7

function toKeyEvent({ usage, shift, control, alt }: Key): Input<'UsbScanCodeSpecKeyEvent'> {
  return {
    // Shifted, not multiplied: this is how the API packs usage and page into one number.
    usbHidCode: (usage << 16) | KEYBOARD_PAGE,
    modifiers: { leftControl: control, leftShift: shift, leftAlt: alt },
  }
}

/** Makes the console of a virtual machine: its screen as PNGs, and, where allowed, its keyboard. */
export function createConsolePort(session: Session, options: ConsoleOptions): ConsolePort {
  const { vm, writable, groundFor } = options
  let known: MoRef | undefined

  async function locate(signal: AbortSignal): Promise<MoRef> {
    known ??= await groundFor(signal).finder.find('VirtualMachine', vm)
    if (known === undefined) {
      throw new ConnectError('absent', `there is no virtual machine at ${vm}`, {
        hint: 'it is deployed in step 7; run the deployment up to there first',
      })
    }
    return known
  }

  // A machine that was removed and made again has another id: looked for once more, before anybody is told.
  function use<T>(signal: AbortSignal, run: (ref: MoRef) => Promise<T>): Promise<T> {
    return guard(signal, async () => {
      const isFresh = known === undefined
      const ref = await locate(signal)
      try {
        return await run(ref)
      } catch (error) {
        known = undefined
        if (isFresh || !isFault(error, 'ManagedObjectNotFound')) throw error
      }
      return run(await locate(signal))
    })
  }

  const screen = (signal: AbortSignal): Promise<Buffer> =>
    use(signal, async (ref) => {
      const { status, body } = await session.fetch(`/screen?id=${encodeURIComponent(ref.value)}`, { signal })
      if (status === 200 && body.subarray(0, 4).equals(PNG)) return body
      throw new CommandError(`the console of ${vm} shows nothing: HTTP ${status}`, {
        hint: 'a virtual machine has a screen only while it is on; the user needs the privilege to interact with its console',
      })
    })
  if (!writable) return { screen }
  return {
    screen,
    type: (keys, signal) =>
      use(signal, (self) => {
        const args = { spec: { keyEvents: keys.map(toKeyEvent) } }
        return session.call('PutUsbScanCodes', { self, args, signal })
      }),
  }
}
