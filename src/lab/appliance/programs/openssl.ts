import { createHash } from 'node:crypto'

import type { Appliance } from '../appliance.ts'
import { resolvePath } from '../disk/disk.ts'
import type { Program } from '../shell/program.ts'

const WIDTH = 64

/** The few of its many commands that scripts use: `base64 -in`, and `dgst` over one file. */
export function createOpenssl({ disk }: Appliance): Program {
  return async ({ args, cwd, user, stdout, stderr }) => {
    const [command, option = ''] = args
    const path = resolvePath(args.at(-1) ?? '', cwd)
    const bytes = (): Buffer => Buffer.from(disk.read(path, user), 'latin1')
    if (command === 'base64' && args.includes('-in') && !args.includes('-d')) {
      const text = bytes().toString('base64')
      for (let at = 0; at < text.length; at += WIDTH) stdout.write(`${text.slice(at, at + WIDTH)}\n`)
      return 0
    }
    if (command === 'dgst' && option === '-sha256') {
      stdout.write(`SHA256(${args.at(-1) ?? ''})= ${createHash('sha256').update(bytes()).digest('hex')}\n`)
      return 0
    }
    stderr.write('usage: openssl base64 -in file | dgst -sha256 file\n')
    return 1
  }
}
