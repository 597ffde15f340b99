import { CommandError } from '../../../model/error.ts'
import type { Appliance } from '../appliance.ts'
import { resolvePath } from '../disk/disk.ts'
import type { Call, Program } from '../shell/program.ts'

/** Bytes of one file; the disk refuses sooner. */
const FILE_LIMIT = 16 * 2 ** 20

const OK = '\0'

/** Reads exactly so many bytes of the input; fewer at its end. */
function createReader({ stdin, signal }: Call): (length: number | 'line') => Promise<string> {
  let buffered = ''
  return async (length) => {
    for (;;) {
      const end = length === 'line' ? buffered.indexOf('\n') + 1 : length
      if ((length !== 'line' || end > 0) && buffered.length >= end) {
        const taken = buffered.slice(0, end)
        buffered = buffered.slice(end)
        return taken
      }
      const chunk = await stdin.read({ signal })
      if (chunk === undefined) return ''
      buffered += chunk
    }
  }
}

/** The receiving end of the protocol of `scp`: each message is acknowledged by a zero byte, or refused by a line after a one. */
async function receive(call: Call, { disk, save }: Appliance): Promise<number> {
  const target = resolvePath(call.args.at(-1) ?? '', call.cwd)
  const read = createReader(call)
  const refuse = (message: string): number => {
    call.stdout.write(`\u0001scp: ${message}\n`)
    return 1
  }
  call.stdout.write(OK)
  for (;;) {
    const line = (await read('line')).trimEnd()
    if (line === '') return 0
    // Times of change, which this disk keeps its own of.
    if (line.startsWith('T')) {
      call.stdout.write(OK)
      continue
    }
    const [, mode = '', length = '', name = ''] = /^C([0-7]{4}) (\d{1,9}) ([^/]+)$/.exec(line) ?? []
    if (name === '') return refuse('protocol error: unexpected message')
    if (Number(length) > FILE_LIMIT) return refuse(`${target}: No space left on device`)
    call.stdout.write(OK)
    const data = await read(Number(length))
    if ((await read(1)) !== OK) return refuse(`${target}: truncated`)
    const path = disk.stat(target)?.isFolder === true ? `${target}/${name}` : target
    try {
      disk.write(path, { data, as: call.user, mode: Number.parseInt(mode, 8) })
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      return refuse(`${path}: ${error.message}`)
    }
    await save()
    call.stdout.write(OK)
  }
}

/** The sending end: one file. */
async function send(call: Call, { disk }: Appliance): Promise<number> {
  const path = resolvePath(call.args.at(-1) ?? '', call.cwd)
  const read = createReader(call)
  await read(1)
  let data: string
  try {
    data = disk.read(path, call.user)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    call.stdout.write(`\u0001scp: ${path}: ${error.message}\n`)
    return 1
  }
  call.stdout.write(`C0644 ${data.length} ${path.slice(path.lastIndexOf('/') + 1)}\n`)
  if ((await read(1)) !== OK) return 1
  call.stdout.write(data + OK)
  return (await read(1)) === OK ? 0 : 1
}

/** The remote side of `scp`, which clients without SFTP start: `scp -t` receives, `scp -f` sends. */
export function createScp(appliance: Appliance): Program {
  return async (call) => {
    if (appliance.dialect.transfer === 'none') {
      call.stderr.write('scp: Command not found.\n')
      return 127
    }
    if (call.args.includes('-t')) return receive(call, appliance)
    if (call.args.includes('-f')) return send(call, appliance)
    call.stderr.write('usage: scp -t|-f file\n')
    return 1
  }
}
