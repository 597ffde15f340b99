import { readFileSync } from 'node:fs'
import { connect } from 'node:net'

import { Client } from 'ssh2'

import { COMMANDS, EXPECTED, type BenchTask, type DoneNode } from './job.ts'

// The script that somebody would write in an hour for this job and no other: no host key, no deadline, no second try.

function exec(client: Client, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    client.exec(command, (cause, channel) => {
      if (cause !== undefined) return reject(cause)
      let output = ''
      let code = -1
      channel.on('data', (chunk: Buffer) => (output += chunk.toString()))
      channel.stderr.resume()
      channel.on('exit', (status: number) => (code = status))
      channel.on('close', () => (code === 0 ? resolve(output) : reject(new Error(`${command}: ${code}`))))
    })
  })
}

/** Does the job on one node. */
export async function runByScript(
  host: string,
  { port, username, key, vzen, file, to }: BenchTask,
): Promise<DoneNode> {
  const client = new Client()
  await new Promise<void>((resolve, reject) => {
    client.on('ready', resolve)
    client.on('error', reject)
    const sock = connect({ host, port, noDelay: true })
    client.connect({ sock, username, privateKey: readFileSync(key) })
  })
  await new Promise<void>((resolve, reject) => {
    client.sftp((cause, sftp) => {
      if (cause !== undefined) return reject(cause)
      sftp.fastPut(file, `${to}-${host}`, (failed) => {
        sftp.end()
        // oxlint-disable-next-line typescript/strict-boolean-expressions -- the library may say null
        if (failed) reject(failed)
        else resolve()
      })
    })
  })
  let last = ''
  for (const command of COMMANDS)
    last = await exec(client, `${vzen} ${command.replace('{file}', `${to}-${host}`)}`)
  if (last !== EXPECTED) throw new Error(`${host} answered ${last}`)
  return {
    close: () =>
      new Promise((resolve) => {
        client.once('close', () => resolve())
        client.end()
      }),
  }
}
