import { existsSync } from 'node:fs'

import { expect, test } from 'vitest'

import { createGlyphBook } from '../../../src/connect/console/glyph-book.ts'
import { parsePng } from '../../../src/connect/console/png.ts'
import { createScreenReader } from '../../../src/connect/console/screen.ts'
import { openConsoleSession } from '../../../src/connect/console/session.ts'
import { createLabClock } from '../../../src/lab/clock.ts'
import { TimeoutError } from '../../../src/model/error.ts'
import { documentedSecret } from '../../../src/model/secret.ts'
import { sh } from '../../../src/shell/sh.ts'
import { findProgram } from '../../support/find-program.ts'
import { findKernel } from '../../support/qemu/kernel.ts'
import { bootMachine, type VirtualMachine } from '../../support/qemu/machine.ts'
import { describeWith } from '../../support/require-server.ts'
import { IS_THOROUGH } from '../../support/thorough.ts'

// A real machine, but a small one: it needs no second where an appliance needs ten.
const clock = createLabClock(4)
const signal = new AbortController().signal
const initial = documentedSecret('zsroot')
const wanted = documentedSecret('Wanted-Pass_word1')

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path))
const kernel = findKernel()

const network = {
  rules: [
    { name: 'DNS server', prompt: /nameserver.*\[[^\]]*\]:\s*$/, answer: '10.84.0.100' },
    { name: 'management address', prompt: /netmask\) \[[^\]]*\]:\s*$/, answer: '10.84.0.110/24' },
    { name: 'default gateway', prompt: /gateway.*:\s*$/, answer: '10.84.0.200' },
    { name: 'hostname', prompt: /^hostname.*:\s*$/, answer: 'edge_1-a' },
  ],
  failures: [/^Please re-enter.*/m],
  successes: [/Successfully Applied Changes/],
}

// 0x315 is 800 × 600 in true colour: 100 × 37 cells and eight lines to spare.
const SCREENS = [
  { screen: 'VGA text mode', append: 'quiet loglevel=4 vga=normal' },
  { screen: 'a framebuffer console', append: 'quiet loglevel=4 vga=0x315' },
]

describeWith(
  'qemu',
  {
    find: () =>
      kernel === undefined || busybox === undefined ? undefined : findProgram('qemu-system-x86_64'),
    howToGet: 'apt-get install qemu-system-x86 busybox-static, then test/support/qemu/fetch-kernel',
  },
  (qemu) => {
    // Side by side: they mostly wait.
    test.runIf(IS_THOROUGH).concurrent.each(SCREENS)(
      '$screen that nobody here drew is learned, read and typed on through a whole conversation',
      { timeout: 120_000 },
      async ({ append }) => {
        const machine = await bootMachine({ qemu, kernel: kernel ?? '', busybox: busybox ?? '', append })
        try {
          await expect(useConsole(machine.port)).resolves.toBeUndefined()
        } finally {
          await machine.stop()
        }
      },
    )
  },
)

async function useConsole(port: VirtualMachine['port']): Promise<void> {
  const pictures: Buffer[] = []
  const evidence = {
    said: () => undefined,
    seen: async (picture: Buffer) => `picture ${pictures.push(picture)}`,
  }
  const book = createGlyphBook()
  const reader = createScreenReader(port, { book, clock })
  const session = openConsoleSession(
    { name: 'lab-1-a', username: 'zsroot', port, reader, book, clock, evidence },
    { passwords: [initial, wanted], late: (what) => new TimeoutError(what) },
  )

  // The log-in, in a font that is learned at its prompt, and every sign there is.
  expect(await session.accepts([initial], { signal })).toBe(initial)
  const signs = '!"#$%&()*+,-./:;<=>?@[]^_{|}~'
  const answers = await session.query({ system: sh`uname -s`, signs: sh`echo ${signs}` }, { signal })
  expect(answers).toEqual({
    system: { code: 0, output: 'Linux\n' },
    signs: { code: 0, output: `${signs}\n` },
  })

  // A conversation in colour and in inverse video, which the kernel interrupts.
  await session.converse(sh`vzen configure-network`, { dialogue: network, sudo: true, signal })
  const { told } = await session.query({ told: sh`vzen show` }, { signal })
  expect(told.output).toBe('10.84.0.100 10.84.0.110/24 10.84.0.200 edge_1-a\n')

  // What cannot be read is no guess: the picture is kept.
  await expect(session.query({ odd: sh`vzen graphics` }, { signal })).rejects.toMatchObject({
    message: 'the console of lab-1-a shows something that cannot be read',
    hint: expect.stringMatching(/the picture is picture 1$/),
  })
  expect(parsePng(pictures[0] ?? Buffer.alloc(0)).width).toBeGreaterThan(600)

  // A new password, on a console that was left in the middle of something.
  await session.changePassword(wanted, { current: initial, signal })
  expect(await session.accepts([wanted], { signal })).toBe(wanted)
}
