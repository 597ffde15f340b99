import type { Appliance } from '../../appliance.ts'
import type { Program } from '../../shell/program.ts'
import { createPacer } from '../../terminal/pacer.ts'
import { WORDING } from '../../wording.ts'
import { networkSubcommands } from './configure-network.ts'
import { installSubcommands } from './install.ts'
import { lookingSubcommands } from './looking.ts'
import { runningSubcommands } from './running.ts'
import type { Subcommands } from './subcommand.ts'
import { tuningSubcommands } from './tuning.ts'

const SUBCOMMANDS: Subcommands = {
  ...networkSubcommands,
  ...installSubcommands,
  ...runningSubcommands,
  ...tuningSubcommands,
  ...lookingSubcommands,
}

function renderHelp(): string {
  const rows = Object.entries(SUBCOMMANDS)
    .map(([name, { summary }]) => `  ${name.padEnd(28)}${summary}\n`)
    .sort()
  return `usage: vzen <subcommand>\n${rows.join('')}  ${'help'.padEnd(28)}show this list\n`
}

/** The appliance's own command. */
export function createVzen(appliance: Appliance): Program {
  return async (call) => {
    const [name = 'help', ...args] = call.args
    if (name === 'help') {
      call.stdout.write(renderHelp())
      return 0
    }
    const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined
    if (subcommand === undefined) {
      call.stderr.write(`vzen: unknown subcommand ${name}\n`)
      return 1
    }
    if (subcommand.privileged && call.user !== 'root') {
      call.stderr.write(WORDING.needsRoot)
      return 1
    }
    const pacer = createPacer({ pace: appliance.dialect.pace, signal: call.signal })
    const stdout = { write: (text: string) => pacer.write(text, call.stdout.write) }
    const status = await subcommand.run({ ...call, name, args, appliance, stdout })
    await pacer.settled()
    return status
  }
}
