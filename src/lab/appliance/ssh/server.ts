import type { Socket } from 'node:net'

import ssh2, { type AuthContext, type AuthenticationType, type Connection } from 'ssh2'

import { ACCOUNT, AUTH_LOG } from '../appliance.ts'
import { isPassword } from '../password.ts'
import { serveCommand } from './command.ts'
import type { SshParts } from './parts.ts'
import { serveSftp } from './sftp.ts'

/** As the sshd of the platform names itself. */
const IDENT = 'OpenSSH_7.5 FreeBSD-20170903'
const BANNER = 'Zscaler Virtual Service Edge. Authorised use only; every command is recorded.\r\n'

const METHODS: AuthenticationType[] = ['keyboard-interactive', 'password']
const MAX_SESSIONS = 10
const MAX_ATTEMPTS = 6

/** The machine's sshd. */
export interface SshServer {
  accept(socket: Socket): void
}

/** Makes the server; it listens to nothing by itself. */
export function createSshServer(parts: SshParts): SshServer {
  const { appliance } = parts
  const { state } = appliance
  const sockets = new Map<number, Socket>()
  let terminals = 0

  async function isAccepted(name: string, password: string): Promise<boolean> {
    const bytes = Buffer.from(password, 'utf8').toString('latin1')
    return (await isPassword(bytes, state.password)) && name === ACCOUNT
  }

  async function authenticate(context: AuthContext, { port }: { readonly port: number }): Promise<boolean> {
    let password: string | undefined
    if (context.method === 'password') ({ password } = context)
    else if (context.method === 'keyboard-interactive') {
      const prompt = { prompt: `Password for ${context.username}@${appliance.hostname()}:`, echo: false }
      password = await new Promise((resolve) => {
        context.once('abort', () => resolve(undefined))
        context.prompt([prompt], (answers: readonly string[]) => resolve(answers[0]))
      })
    }
    if (password === undefined) return false
    const accepted = await isAccepted(context.username, password)
    const method = context.method === 'password' ? 'password' : 'keyboard-interactive/pam'
    const name = accepted ? ACCOUNT : context.username.replace(/[^\w.-]/g, '?').slice(0, 32)
    appliance.log(
      AUTH_LOG,
      `sshd[640]: ${accepted ? 'Accepted' : 'Failed'} ${method} for ${name} from 10.0.0.1 port ${port} ssh2`,
    )
    await appliance.save()
    return accepted
  }

  function serve(client: Connection, socket: Socket): void {
    let attempts = 0
    let sessions = 0

    async function decide(context: AuthContext): Promise<void> {
      try {
        const accepted = await authenticate(context, { port: socket.remotePort ?? 0 })
        if (accepted) context.accept()
        else if (attempts >= MAX_ATTEMPTS) socket.destroy()
        else context.reject(METHODS)
      } catch {
        // Nobody is logged in by an accident.
        socket.destroy()
      }
    }

    client.on('authentication', (context) => {
      if (context.method === 'none') return context.reject(METHODS)
      attempts += 1
      void decide(context)
    })
    client.on('session', (accept, reject) => {
      if (sessions >= MAX_SESSIONS) {
        reject()
        return
      }
      sessions += 1
      const session = accept()
      session.on('close', () => {
        sessions -= 1
      })
      session.on('sftp', (acceptSftp, rejectSftp) => {
        if (appliance.dialect.transfer !== 'sftp') return rejectSftp()
        const sftp = acceptSftp()
        // A password that is too old opens nothing but the terminal it can be changed at.
        if (state.passwordExpired) sftp.end()
        else serveSftp(sftp, appliance)
      })
      serveCommand(session, {
        ...parts,
        disconnect: () => socket.destroy(),
        nextTerminal: () => `pts/${terminals++ % 64}`,
      })
    })
  }

  const server = new ssh2.Server(
    { hostKeys: [parts.hostKey], ident: IDENT, banner: BANNER },
    (client, info) => {
      const socket = sockets.get(info.port)
      client.on('error', () => socket?.destroy())
      if (socket === undefined) client.end()
      else serve(client, socket)
    },
  )
  server.on('error', () => undefined)

  return {
    accept(socket) {
      // A cable that is not plugged in carries nothing.
      if (appliance.machine.nics()[0]?.connected === false) {
        socket.destroy()
        return
      }
      const port = socket.remotePort ?? 0
      sockets.set(port, socket)
      socket.once('close', () => sockets.delete(port))
      server.injectSocket(socket)
    },
  }
}
