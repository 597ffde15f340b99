import { CommandError, ConnectError, ModuleError } from '../model/error.ts'
import type { ConsolePort, Key } from './console/port.ts'
import { isFault } from './govmomi/error.ts'
import { takeScreenshot } from './govmomi/object/screenshot.ts'
import type { Input, MoRef } from './govmomi/schema/values.ts'
import type { Session } from './govmomi/session.ts'
import { guard } from './vsphere-error.ts'
import type { Ground } from './vsphere-ground.ts'
import { datacenterPathOf } from './vsphere-machine.ts'

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

  // Taking a picture leaves a file on the datastore for a moment: nothing that a client which only looks may do.
  let isScreenServed = true
  const screen = (signal: AbortSignal): Promise<Buffer> =>
    use(signal, async (machine) => {
      let status: number | undefined
      if (isScreenServed) {
        const answer = await session.fetch(`/screen?id=${encodeURIComponent(machine.value)}`, { signal })
        if (answer.status === 200 && isPng(answer.body)) return answer.body
        status = answer.status
      }
      if (!writable) throw blank(vm, `HTTP ${status}`)
      const picture = await picturize(groundFor(signal), { machine, vm })
      // Where the one way fails and the other works, nobody needs to ask for the first one again.
      if (status !== undefined && NOT_SERVED.has(status)) isScreenServed = false
      return picture
    })
  if (!writable) return { screen }
  return {
    screen,
    type: (keys, signal) =>
      use(signal, async (self) => {
        const args = { spec: { keyEvents: keys.map(toKeyEvent) } }
        try {
          return await session.call('PutUsbScanCodes', { self, args, signal })
        } catch (error) {
          // The keyboard of a machine that is busy starting fails now and then, and takes nothing then.
          if (isFault(error, 'SystemError')) return 0
          throw error
        }
      }),
  }
}

/** What a server answers that does not know `/screen`, or not for this user. */
const NOT_SERVED: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 410, 501])

const isPng = (body: Buffer): boolean => body.subarray(0, PNG.length).equals(PNG)

function blank(vm: string, why: string): CommandError {
  return new CommandError(`the console of ${vm} shows nothing: ${why}`, {
    hint: 'a virtual machine has a screen only while it is on; the user needs the privilege to interact with its console',
  })
}

async function picturize(
  { session, watcher, finder, signal }: Ground,
  { machine, vm }: { readonly machine: MoRef; readonly vm: string },
): Promise<Buffer> {
  const path = datacenterPathOf(vm)
  const datacenter = await finder.find('Datacenter', path)
  const datacenterPath = path.replace(/^\//, '')
  const of = { machine, name: vm, datacenterPath, datacenter, signal }
  try {
    const picture = await takeScreenshot({ session, watcher }, of)
    if (isPng(picture)) return picture
  } catch (error) {
    // Nothing that passes: it has to be switched on.
    if (isFault(error, 'InvalidPowerState')) {
      throw new ModuleError(`the console of ${vm} shows nothing: it is off`, {
        hint: 'a virtual machine has a screen only while it is on: switch it on, then run this again',
        cause: error,
      })
    }
    throw error
  }
  throw blank(vm, 'the picture of its screen is no PNG')
}
