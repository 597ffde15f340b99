import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { ConsolePort, Key } from '../../../src/connect/console/port.ts'
import { writeInitrd } from './initrd.ts'
import { openMonitor } from './qmp.ts'

/** What a machine is made of. */
export interface MachineParts {
  readonly qemu: string
  readonly kernel: string
  readonly busybox: string
  /** What the kernel is told: its screen, mostly. */
  readonly append: string
}

/** A virtual machine that has a screen and a keyboard. */
export interface VirtualMachine {
  readonly port: ConsolePort & Required<Pick<ConsolePort, 'type'>>
  stop(): Promise<void>
}

const NAMES = new Map<number, string>([
  [0x28, 'ret'],
  [0x2c, 'spc'],
  [0x2d, 'minus'],
  [0x2e, 'equal'],
  [0x2f, 'bracket_left'],
  [0x30, 'bracket_right'],
  [0x31, 'backslash'],
  [0x33, 'semicolon'],
  [0x34, 'apostrophe'],
  [0x35, 'grave_accent'],
  [0x36, 'comma'],
  [0x37, 'dot'],
  [0x38, 'slash'],
])

/** What the monitor calls a key, with those that are held beside it. */
function nameKeys({ usage, shift, control, alt }: Key): readonly { type: 'qcode'; data: string }[] {
  const letter = usage >= 0x04 && usage <= 0x1d ? String.fromCharCode(97 + usage - 0x04) : undefined
  const digit = usage >= 0x1e && usage <= 0x27 ? String((usage - 0x1d) % 10) : undefined
  const own = letter ?? digit ?? NAMES.get(usage)
  if (own === undefined) throw new Error(`the monitor has no name for the key 0x${usage.toString(16)}`)
  const held = [control ? 'ctrl' : '', shift ? 'shift' : '', alt ? 'alt' : ''].filter((name) => name !== '')
  return [...held, own].map((data) => ({ type: 'qcode', data }))
}

// Milliseconds that a key is held, and that the machine then has for itself.
const HOLD = 6

/** Boots a virtual machine with a screen that this project did not draw. */
export async function bootMachine({ qemu, kernel, busybox, append }: MachineParts): Promise<VirtualMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'runbook-qemu-'))
  const [initrd, socket, picture] = ['initrd', 'monitor', 'screen'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await writeFile(initrd, writeInitrd(busybox))
  const child = spawn(
    qemu,
    [
      // Emulated, not accelerated: the same everywhere, also where a virtual machine must not have machines of its own.
      '-accel tcg -m 192 -nodefaults -vga std -display none -no-reboot'.split(' '),
      ['-kernel', kernel, '-initrd', initrd, '-append', append],
      ['-qmp', `unix:${socket},server=on,wait=off`],
    ].flat(),
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)))
  const ended = once(child, 'exit')
  const gone = new AbortController()
  void ended.then(() => gone.abort(new Error(`qemu ended: ${complaint}`)))
  const monitor = await openMonitor(socket, AbortSignal.any([gone.signal, AbortSignal.timeout(10_000)]))

  let pictures = 0

  return {
    port: {
      async screen() {
        const file = `${picture}-${++pictures}`
        await monitor.execute('screendump', { filename: file, format: 'png' })
        const png = await readFile(file)
        await rm(file)
        return png
      },
      async type(keys) {
        for (const key of keys) {
          await monitor.execute('send-key', { keys: nameKeys(key), 'hold-time': HOLD })
          await sleep(2 * HOLD)
        }
        return keys.length
      },
    },
    async stop() {
      monitor.close()
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
