import { ENTER } from './keys.ts'
import { isShellBuried, isStoppedInBoot } from './left-behind.ts'
import type { ConsoleMachine } from './machine.ts'
import { LOGIN, SHELL } from './prompts.ts'
import { promptOf } from './screen.ts'
import { typeKeys } from './type-keys.ts'

// How long a shell may take to show its prompt, in milliseconds, and how often it is asked for one that messages have buried.
const PROMPTLY = 2000
const AT_LAST = 20_000
const ENTERS = 3

/**
 * Waits for the prompt of a shell that somebody logged in to. Enter brings back one that messages have buried; anywhere else
 * it is not pressed. False where no shell is to be seen: somebody has logged out, or the machine has restarted.
 */
export async function settleAtShell(
  { reader, port, clock }: ConsoleMachine,
  signal: AbortSignal,
): Promise<boolean> {
  let enters = 0
  for (;;) {
    const screen = await reader.look(signal)
    const line = promptOf(screen)
    if (LOGIN.test(line) || isStoppedInBoot(screen)) return false
    if (SHELL.test(line)) return true
    const isBuried = isShellBuried(screen)
    const next = await reader.lookPast(screen, { quiet: isBuried ? PROMPTLY : AT_LAST, signal })
    if (next !== screen) continue
    if (!isBuried || enters === ENTERS) return false
    enters += 1
    await typeKeys(port, [ENTER], { clock, signal, batch: 1 })
  }
}
