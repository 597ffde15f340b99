import { createHash } from 'node:crypto'

import type { Appliance } from '../appliance.ts'
import { resolvePath } from '../disk/disk.ts'
import { RC_CONF, isEnabled, parseSetting, renderSetting } from '../disk/rc-conf.ts'
import type { Program, Programs } from '../shell/program.ts'

/** The platform as `uname` tells it. */
const RELEASE = '11.4-RELEASE-p13'
const KERNEL = 'ZscalerOS-24'

const pad = (value: number): string => String(value).padStart(2, '0')

/** A time the way `date` prints it: the default form, or after a format with `%`. */
export function renderDate(time: number, format = '+%a %b %e %H:%M:%S UTC %Y'): string {
  const date = new Date(time)
  const words = date.toUTCString()
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    Y: String(date.getUTCFullYear()),
    m: pad(date.getUTCMonth() + 1),
    d: pad(date.getUTCDate()),
    e: String(date.getUTCDate()).padStart(2),
    H: pad(date.getUTCHours()),
    M: pad(date.getUTCMinutes()),
    S: pad(date.getUTCSeconds()),
    s: String(Math.floor(time / 1000)),
    a: words.slice(0, 3),
    b: words.slice(8, 11),
    Z: 'UTC',
    z: '+0000',
    F: date.toISOString().slice(0, 10),
    T: date.toISOString().slice(11, 19),
  }
  return format.replace(/^\+/, '').replace(/%(.)/g, (whole, key: string) => values[key] ?? whole)
}

/** Programs that tell about the system, and those that stop it. */
export function createSystemPrograms(appliance: Appliance): Programs {
  const { state, disk, clock } = appliance
  const rcConf = (): string => disk.read(RC_CONF, 'root')

  const restart: Program = async (call) => {
    if (call.user !== 'root') {
      call.stderr.write(`${call.name}: Operation not permitted\n`)
      return 1
    }
    const isHalt =
      call.name === 'halt' || call.name === 'poweroff' || call.args.some((arg) => /^-[hp]$/.test(arg))
    await appliance.save()
    if (isHalt) appliance.halt()
    else appliance.restartNow()
    return 0
  }

  async function killSnmp(): Promise<void> {
    state.snmp.running = false
    await appliance.restartSnmp()
    await appliance.save()
  }

  const service: Program = async (call) => {
    const [name = '', action = ''] = call.args
    if (name !== 'snmpd' && name !== 'ntpd' && name !== 'sshd') {
      call.stderr.write(
        `${name} does not exist in /etc/rc.d or the local startup\ndirectories (/usr/local/etc/rc.d), or is not executable\n`,
      )
      return 1
    }
    const isRunning =
      name === 'snmpd' ? state.snmp.running : name === 'sshd' || isEnabled(rcConf(), 'ntpd_enable')
    if (action === 'status') {
      call.stdout.write(
        isRunning
          ? `${name} is running as pid ${name === 'snmpd' ? 961 : 640}.\n`
          : `${name} is not running.\n`,
      )
      return isRunning ? 0 : 1
    }
    if (call.user !== 'root') {
      call.stderr.write(`service: ${name}: Permission denied\n`)
      return 1
    }
    const isForced = action.startsWith('one')
    if (name !== 'sshd' && !isForced && !isEnabled(rcConf(), `${name}_enable`)) {
      call.stdout.write(
        `Cannot '${action}' ${name}. Set ${name}_enable to YES in ${RC_CONF} or use 'one${action}' instead of '${action}'.\n`,
      )
      return 1
    }
    if (action.endsWith('stop') || action.endsWith('restart')) call.stdout.write(`Stopping ${name}.\n`)
    if (action.endsWith('start')) call.stdout.write(`Starting ${name}.\n`)
    if (name === 'snmpd') {
      state.snmp.running = action.endsWith('start')
      await appliance.restartSnmp()
      if (state.snmp.running) call.leave({ kill: killSnmp })
    }
    await appliance.save()
    return 0
  }

  const sysrc: Program = async (call) => {
    const names = call.args.filter((arg) => !arg.startsWith('-'))
    const isTerse = call.args.some((arg) => /^-\w*n/.test(arg))
    const isRemoval = call.args.includes('-x')
    let status = 0
    for (const item of names) {
      const [name = '', ...rest] = item.split('=')
      const before = parseSetting(rcConf(), name)
      if (item.includes('=') || isRemoval) {
        const value = isRemoval ? undefined : rest.join('=')
        disk.write(RC_CONF, { data: renderSetting(rcConf(), { name, value }), as: call.user })
        if (!isRemoval) call.stdout.write(`${name}: ${before ?? ''} -> ${value ?? ''}\n`)
      } else if (before === undefined) {
        call.stderr.write(`sysrc: unknown variable '${name}'\n`)
        status = 1
      } else call.stdout.write(isTerse ? `${before}\n` : `${name}: ${before}\n`)
    }
    return status
  }

  return {
    reboot: restart,
    shutdown: restart,
    halt: restart,
    poweroff: restart,
    service,
    sysrc,
    uname: async ({ args, stdout }) => {
      const words = { s: 'FreeBSD', n: appliance.hostname(), r: RELEASE, m: 'amd64' }
      const flags = args.join('').replaceAll('-', '')
      const all = `FreeBSD ${words.n} ${RELEASE} FreeBSD ${RELEASE} #0: ${KERNEL} amd64`
      const chosen = (['s', 'n', 'r', 'm'] as const)
        .filter((key) => flags.includes(key))
        .map((key) => words[key])
      stdout.write(`${flags.includes('a') ? all : chosen.join(' ') || words.s}\n`)
      return 0
    },
    sysctl: async ({ args, stdout, stderr }) => {
      if (args.at(-1) !== 'kern.boottime') {
        stderr.write(`sysctl: unknown oid '${args.at(-1) ?? ''}'\n`)
        return 1
      }
      // Whoever sets the clock sets the time of the boot with it.
      const booted = state.bootedAt + appliance.now() - clock.now()
      const name = args.includes('-n') ? '' : 'kern.boottime: '
      const since = renderDate(booted).replace(' UTC', '')
      stdout.write(`${name}{ sec = ${Math.floor(booted / 1000)}, usec = 0 } ${since}\n`)
      return 0
    },
    date: async ({ args, stdout, stderr }) => {
      const operands = args.filter((arg) => arg !== '-u')
      if (operands.some((arg) => !arg.startsWith('+'))) {
        stderr.write('date: settimeofday (timeval): Operation not permitted\n')
        return 1
      }
      stdout.write(`${renderDate(appliance.now(), operands[0])}\n`)
      return 0
    },
    hostname: async ({ args, stdout, stderr }) => {
      if (args.some((arg) => !arg.startsWith('-'))) {
        stderr.write('hostname: sethostname: Operation not permitted\n')
        return 1
      }
      stdout.write(`${args.includes('-s') ? appliance.hostname().split('.')[0] : appliance.hostname()}\n`)
      return 0
    },
    dmesg: async ({ stdout }) => {
      for (const line of appliance.kernelLog()) stdout.write(`${line}\n`)
      return 0
    },
    df: async ({ stdout }) => {
      const usage = state.faults['disk-full'] === undefined ? '11G    434G     3%' : '484G      0B   100%'
      stdout.write(
        `Filesystem    Size    Used   Avail Capacity  Mounted on\n/dev/da0p2    484G     ${usage}    /\n`,
      )
      return 0
    },
    sleep: async ({ args, signal }) => {
      await clock.sleep((Number.parseFloat(args[0] ?? '') || 0) * 1000, { signal })
      return 0
    },
    pciconf: async ({ stdout }) => {
      stdout.write('vmci0@pci0:0:7:7: class=0x088000 card=0x074015ad chip=0x074015ad rev=0x10 hdr=0x00\n')
      appliance.machine.pciVendors().forEach((vendor, index) => {
        const id = vendor.toString(16).padStart(4, '0')
        stdout.write(
          `none${index}@pci0:3:${index}:0: class=0x100000 card=0x0001${id} chip=0x0011${id} rev=0x01 hdr=0x00\n`,
        )
      })
      return 0
    },
    'ssh-keygen': async ({ args, cwd, user, stdout, stderr }) => {
      const path = args.at(-1) ?? ''
      if (!args.some((arg) => /^-\w*l/.test(arg)) || path.startsWith('-')) {
        stderr.write('usage: ssh-keygen -l -f file\n')
        return 1
      }
      const [type = '', blob = '', comment = ''] = disk.read(resolvePath(path, cwd), user).trim().split(' ')
      const print = createHash('sha256')
        .update(Buffer.from(blob, 'base64'))
        .digest('base64')
        .replace(/=+$/, '')
      const kind = type.replace(/^ssh-|-sha2-.*$/g, '').toUpperCase()
      stdout.write(`256 SHA256:${print} ${comment} (${kind})\n`)
      return 0
    },
    clear: async ({ stdout }) => {
      stdout.write('\x1b[H\x1b[2J')
      return 0
    },
  }
}
