import { setTimeout as sleep } from 'node:timers/promises'

import type { Session } from './text-screen.ts'

export interface EdgeState {
  password: string
  /** Whether a log-in demands a new password at once. */
  forced: boolean
  hostname: string
  /** Passwords that were tried. */
  readonly tried: string[]
  readonly commands: string[]
  /** What `sudo vzen` asks, by name of the answer. */
  network?: Record<string, string>
  sudoAsks: boolean
  /** What was typed at a prompt for a password that shows it. */
  careless?: string | undefined
  /** Milliseconds that it takes to check a password, without a sign of it on the screen. */
  pause?: number | undefined
}

export function newEdge(given: Partial<EdgeState> = {}): EdgeState {
  return {
    password: 'zsroot',
    forced: false,
    hostname: 'vse',
    tried: [],
    commands: [],
    sudoAsks: true,
    ...given,
  }
}

async function changePassword(session: Session, state: EdgeState): Promise<boolean> {
  for (;;) {
    session.print('New Password:')
    const first = await session.read({ echo: false })
    if (first === undefined) return false
    session.print('Retype New Password:')
    const second = await session.read({ echo: false })
    if (second === undefined) return false
    if (first === second && first.length >= 8) {
      state.password = first
      return true
    }
    session.print(first === second ? 'Password too short, try again.\n' : 'Mismatch; try again.\n')
  }
}

async function configure(session: Session, state: EdgeState): Promise<number> {
  const answers: Record<string, string> = {}
  for (const [name, prompt] of [
    ['dns', 'nameserver (DNS server IP address) []: '],
    ['ip', 'ifconfig_em0 (Management interface IP address with netmask) []: '],
    ['gateway', 'defaultrouter (Default gateway IP address) []: '],
    ['hostname', 'hostname (Hostname of the Virtual Service Edge) [vse]: '],
  ] as const) {
    for (;;) {
      session.print(prompt)
      const line = await session.read()
      if (line === undefined) return 130
      if (name === 'ip' && !line.includes('/')) {
        session.print('Please re-enter netmask after IP address: (Ex.1.2.3.4/24)\n')
        continue
      }
      answers[name] = line
      break
    }
  }
  state.network = answers
  session.print('Successfully Applied Changes\n')
  return 0
}

/** Runs one command of a line; gives its exit code. */
async function run(session: Session, state: EdgeState, command: string): Promise<number> {
  state.commands.push(command)
  const sudo = /^sudo (?:-p '([^']*)' )?(.*)$/.exec(command)
  if (sudo !== null) {
    if (state.sudoAsks) {
      session.print(sudo[1] ?? 'Password:')
      const given = await session.read({ echo: false })
      if (given !== state.password) {
        session.print('Sorry, try again.\nPassword:')
        if ((await session.read({ echo: false })) === undefined) return 1
        return 1
      }
    }
    return runLine(session, state, sudo[2] ?? '')
  }
  if (command === 'vzen configure-network') return configure(session, state)
  if (command === 'vzen surprise') {
    session.print('Feeling lucky? <y/n> [n]: ')
    await session.read()
    return 0
  }
  if (command === 'forever') {
    await session.read({ echo: false })
    return 130
  }
  if (command === 'vzen careless') {
    session.print('Password for nobody: ')
    state.careless = await session.read()
    return 0
  }
  if (command === 'hostname') session.print(`${state.hostname}\n`)
  else if (command === 'long') for (let n = 0; n < 15; n++) session.print(`line ${n} ${'x'.repeat(100)}\n`)
  else if (command === 'odd') session.print('\u2588\u2588\n')
  else if (command === 'false') return 1
  else {
    session.print(`${command.split(' ')[0] ?? ''}: not found\n`)
    return 127
  }
  return 0
}

/** The commands of a line: semicolons inside of quotes and braces are not between commands. */
function splitCommands(line: string): readonly string[] {
  return [...line.matchAll(/(?:'[^']*'|\\.|\{[^}]*\}|[^;'\\{])+/g)].map(([command]) => command.trim())
}

async function runLine(session: Session, state: EdgeState, line: string): Promise<number> {
  const script = /^sh -c '(.*)'$/.exec(line)?.[1]?.replaceAll("'\\''", "'") ?? line
  let code = 0
  for (const part of splitCommands(script)) {
    const group = /^\{ (.*); \}(?: 2>&1)?$/.exec(part)?.[1] ?? part
    if (group.startsWith('echo ')) {
      session.print(`${group.slice(5).replaceAll('$?', String(code))}\n`)
      code = 0
    } else code = await run(session, state, group)
  }
  return code
}

async function shell(session: Session, state: EdgeState): Promise<void> {
  for (;;) {
    session.print(`[zsroot@${state.hostname} ~]$ `)
    const line = await session.read()
    if (line === undefined) {
      // Control-C and control-D look alike here; the log-out is what matters.
      session.print('logout\n')
      return
    }
    if (line === 'exit') return
    if (line === '') continue
    if (line === 'passwd') {
      session.print('Changing local password for zsroot\nOld Password:')
      const old = await session.read({ echo: false })
      if (old !== state.password) session.print('passwd: sorry\n')
      else await changePassword(session, state)
      continue
    }
    await runLine(session, state, line)
  }
}

/** A small appliance on a text screen: boots, logs in, asks and obeys. */
export function runEdge(state: EdgeState, { boot = 3 }: { boot?: number } = {}) {
  return async (session: Session): Promise<void> => {
    for (let n = 0; n < boot; n++) session.print(`em${n}: <Intel PRO/1000> at device ${n}.0 on pci2\n`)
    for (;;) {
      session.print(`\nFreeBSD/amd64 (${state.hostname}) (ttyv0)\n\nlogin: `)
      const user = await session.read({ getty: 'login: ' })
      if (user === undefined || user === '') continue
      session.print('Password:')
      const password = await session.read({ echo: false })
      if (password === undefined) continue
      if (state.pause !== undefined) await sleep(state.pause)
      state.tried.push(password)
      if (user !== 'zsroot' || password !== state.password) {
        session.print('Login incorrect\n')
        continue
      }
      session.print('Last login: Mon Jan  1 00:00:00 on ttyv0\n')
      if (state.forced) {
        if (!(await changePassword(session, state))) continue
        state.forced = false
      }
      await shell(session, state)
    }
  }
}
