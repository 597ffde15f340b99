import { ACCOUNT, type Appliance } from '../appliance.ts'
import { isPassword } from '../password.ts'
import type { Program, Programs } from '../shell/program.ts'
import { applyNewPassword, askPassword } from './new-password.ts'
import { createSudo } from './sudo.ts'

/** Programs about who one is. */
export function createAccountPrograms(appliance: Appliance): Programs {
  const { state } = appliance

  const passwd: Program = async (call) => {
    const { tty } = call.session
    const asker = { input: tty ?? call.stdin, output: tty ?? call.stdout, signal: call.signal }
    const [account = call.user] = call.args
    if (account !== ACCOUNT) {
      call.stderr.write(
        account === 'root' ? 'passwd: permission denied\n' : `passwd: ${account}: no such user\n`,
      )
      return 1
    }
    asker.output.write(`Changing local password for ${ACCOUNT}\n`)
    if (call.user !== 'root') {
      const old = await askPassword('Old Password:', asker)
      if (old === undefined || !(await isPassword(old, state.password))) {
        call.stderr.write('passwd: sorry\n')
        return 1
      }
    }
    return (await applyNewPassword(appliance, asker)) ? 0 : 1
  }

  const su: Program = async (call) => {
    if (call.user !== 'root') {
      call.stderr.write('su: Sorry\n')
      return 1
    }
    const at = call.args.indexOf('-c')
    return call.shell(at < 0 ? undefined : call.args[at + 1])
  }

  const sh: Program = async (call) => {
    const options = call.args.filter((arg) => /^-\w+$/.test(arg)).join('')
    const operands = call.args.filter((arg) => !/^-\w+$/.test(arg))
    if (options.includes('c')) {
      if (operands[0] === undefined) {
        call.stderr.write(`${call.name}: -c requires an argument\n`)
        return 2
      }
      return call.shell(operands[0], {
        env: new Map([
          ['0', operands[1] ?? 'sh'],
          ...operands.slice(2).map((value, index) => [String(index + 1), value] as const),
        ]),
      })
    }
    if (operands[0] !== undefined && operands[0] !== '/dev/stdin')
      return call.shell(appliance.disk.read(operands[0], call.user))
    return call.shell(undefined)
  }

  return {
    sudo: createSudo(appliance),
    passwd,
    su,
    sh,
    whoami: async ({ user, stdout }) => {
      stdout.write(`${user}\n`)
      return 0
    },
    id: async ({ user, args, stdout }) => {
      const text = user === 'root' ? 'uid=0(root) gid=0(wheel)' : 'uid=1001(zsroot) gid=1001(zsroot)'
      stdout.write(args.includes('-u') ? `${user === 'root' ? 0 : 1001}\n` : `${text} groups=${user}\n`)
      return 0
    },
  }
}
