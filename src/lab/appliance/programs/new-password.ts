import type { Appliance } from '../appliance.ts'
import { hashPassword, isPassword, passwordProblem } from '../password.ts'
import type { Input, Output } from '../shell/streams.ts'

/** Where a password is asked for. */
export interface Asker {
  readonly input: Input
  readonly output: Output
  readonly signal: AbortSignal
}

/** Asks for a password without echo; none at the end of the input. */
export async function askPassword(
  prompt: string,
  { input, output, signal }: Asker,
): Promise<string | undefined> {
  output.write(prompt)
  return input.readLine({ signal, secret: true })
}

/** Asks twice for a new password until both are the same and it is good enough; false at the end of the input. */
export async function applyNewPassword(appliance: Appliance, asker: Asker): Promise<boolean> {
  const { state } = appliance
  for (;;) {
    const wanted = await askPassword('New Password:', asker)
    if (wanted === undefined) return false
    const isSame = await isPassword(wanted, state.password)
    const problem = state.complexity ? passwordProblem(wanted) : undefined
    if (wanted === '' || isSame || problem !== undefined) {
      asker.output.write(
        `${problem ?? (isSame ? 'Password unchanged: choose another one.' : 'Please enter a password.')}\n`,
      )
      continue
    }
    const again = await askPassword('Retype New Password:', asker)
    if (again === undefined) return false
    if (again !== wanted) {
      asker.output.write('Mismatch; try again, EOF to quit.\n')
      continue
    }
    state.password = await hashPassword(wanted)
    state.passwordExpired = false
    await appliance.save()
    return true
  }
}
