import { randomBytes } from 'node:crypto'

import type { Secret } from '../model/secret.ts'
import { sh } from '../shell/sh.ts'
import type { DialogueRule } from './dialogue/dialogue.ts'

/** How the prompts of all our `sudo` begin. */
export const SUDO_PROMPT = 'sudo password'

/** A `sudo` on a terminal that asks in words of its own, so that nothing else can be taken for it. */
export interface Sudo {
  /** Goes before a command. */
  readonly prefix: string
  readonly prompt: RegExp
}

/** Makes one. A command that asks for some other password is never given the user’s. */
export function createSudo(): Sudo {
  const words = `${SUDO_PROMPT} ${randomBytes(2).toString('hex')}:`
  return { prefix: `${sh`sudo -p ${words}`.text} `, prompt: new RegExp(`^\\s*${words}\\s*$`) }
}

/** Answers it, once for each command: asked again, the password was refused. */
export function createSudoRule({ prompt }: Sudo, password: Secret): DialogueRule {
  return { name: 'the password for sudo', prompt, answer: password, max: 1, hidden: true, ours: true }
}
