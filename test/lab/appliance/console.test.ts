import { afterEach, expect, test } from 'vitest'

import {
  answers,
  configure,
  connect,
  createBench,
  createMachine,
  logIn,
  PASSWORD,
  run,
  sitAt,
  type Bench,
} from './bench.ts'

let bench: Bench
afterEach(async () => bench.close())

async function boot(options: Parameters<typeof createBench>[0] = {}) {
  bench = createBench(options)
  const machine = createMachine('lab-1-a', 1)
  const guest = await bench.yard.createGuest(machine)
  await guest.powerOn({ resumed: false })
  return { machine, guest, seat: sitAt(bench, guest, 'lab-1-a') }
}

test('a machine that is off takes no keys and shows nothing', async () => {
  bench = createBench()
  const guest = await bench.yard.createGuest(createMachine('lab-1-a', 1))
  expect(guest.type([{ usage: 4, shift: false, control: false, alt: false }])).toBe(0)
  expect(bench.yard.screenText('lab-1-a')).toBe('')
})

test('the boot names every adapter with its address in the order of the machine, then asks for a login', async () => {
  const { seat } = await boot()
  await seat.sees(/em2: Ethernet address: 00:50:56:a1:01:02/)
  const text = await seat.sees(/login:/)
  expect(text).toMatch(/FreeBSD\/amd64 \(zscaler\) \(ttyv0\)\n\nlogin:$/)
})

test('the picture changes with the text and only with it', async () => {
  const { guest, seat } = await boot()
  await seat.sees(/login:/)
  const before = guest.screen()
  expect(guest.screen()).toBe(before)
  seat.type('z')
  expect(guest.screen().equals(before)).toBe(false)
  seat.type('\b')
  expect(guest.screen().equals(before)).toBe(true)
})

test('every printable key of a US keyboard arrives, and control-U takes the line back', async () => {
  const { seat } = await boot()
  await seat.sees(/login:/)
  const characters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index))
  for (let from = 0; from < characters.length; from += 30) {
    const part = characters.slice(from, from + 30).join('')
    seat.type(part)
    expect(seat.text().split('\n').at(-1)).toBe(`login: ${part}`)
    seat.type('\x15')
    expect(seat.text().split('\n').at(-1)).toBe('login:')
  }
})

test('control-U clears 37 columns of the log-in prompt, as getty does, and the whole line everywhere else', async () => {
  const { seat } = await boot()
  await seat.sees(/login:/)
  const line = 'abcdefghijklmnopqrstuvwxyz0123456789'
  seat.type(`${line}\x15`)
  expect(seat.text().split('\n').at(-1)).toBe(`login: ${' '.repeat(30)}456789`)
  seat.type('zsroot\n')
  await seat.answer([/Password:/, 'wrong'])
  // Whoever was refused is asked again by another program.
  await seat.sees(/Login incorrect\nlogin:$/)
  seat.type(`${line}\x15`)
  expect(seat.text().split('\n').at(-1)).toBe('login:')
})

test('the optional variant lets the documented password in; passwd changes it and the old one is refused', async () => {
  const { seat } = await boot({ personality: 'optional' })
  await logIn(seat)
  seat.type('passwd\n')
  await seat.answer(
    [/Old Password:/, 'zsroot'],
    [/New Password:/, 'one thing'],
    [/Retype New Password:/, 'another'],
  )
  await seat.sees(/Mismatch; try again, EOF to quit/)
  await seat.answer([/New Password:/, PASSWORD], [/Retype New Password:/, PASSWORD])
  await seat.sees(/\$$/)
  expect(seat.text()).toContain('Changing local password for zsroot')
  expect(seat.text()).not.toContain(PASSWORD)
  seat.type('exit\n')
  await seat.answer([/login:/, 'zsroot'], [/Password:/, 'zsroot'])
  await seat.sees(/Login incorrect/)
  await logIn(seat, PASSWORD)
})

test('the forced variant demands a new password before anything else, and remembers it', async () => {
  const { seat, guest } = await boot({ personality: 'forced' })
  await seat.answer([/login:/, 'zsroot'], [/Password:/, 'zsroot'], [/^New Password:/, 'zsroot'])
  await seat.sees(/Password unchanged/)
  await seat.answer([/^New Password:/, PASSWORD], [/Retype New Password:/, PASSWORD])
  await seat.sees(/\[zsroot@zscaler ~\]\$$/)
  await guest.powerOff()
  await guest.powerOn({ resumed: false })
  await expect(logIn(seat, PASSWORD)).resolves.toBeUndefined()
})

test('giving up at the demand for a new password leads back to the login', async () => {
  const { seat } = await boot({ personality: 'forced' })
  await seat.answer([/login:/, 'zsroot'], [/Password:/, 'zsroot'])
  await seat.sees(/New Password:$/)
  seat.type('\x04')
  await seat.sees(/login:$/)
  await seat.answer([/login:/, 'zsroot'], [/Password:/, 'zsroot'])
  await seat.sees(/New Password:$/)
  seat.type('\x03')
  await expect(seat.sees(/login:$/)).resolves.toBeTypeOf('string')
})

test('root cannot log in, whatever the password', async () => {
  const { seat } = await boot()
  await seat.answer([/login:/, 'root'], [/Password:/, 'zsroot'])
  await expect(seat.sees(/Login incorrect\nlogin:$/)).resolves.toBeTypeOf('string')
})

test('sudo asks for the password, then for five minutes no more; -k and wrong passwords behave', async () => {
  const { seat } = await boot({ scale: 500 })
  await logIn(seat)
  seat.type('clear; sudo whoami\n')
  await seat.answer([/^Password:/, 'wrong'])
  await seat.sees(/Sorry, try again\./)
  await seat.answer([/^Password:/, 'zsroot'])
  await seat.sees(/^root$/m)
  seat.type('clear; sudo -n id -u; sudo -k; sudo -n id -u\n')
  await seat.sees(/^0\nsudo: a password is required/m)
  seat.type('clear; sudo true\n')
  await seat.answer([/^Password:/, 'zsroot'])
  seat.type('clear; sleep 301; sudo -n true\n')
  await seat.sees(/^sudo: a password is required/m)
  seat.type('clear; sudo true\n')
  await seat.answer([/^Password:/, 'x'])
  await seat.sees(/Sorry, try again\.\nPassword:$/)
  seat.type('y\n')
  await seat.sees(/Sorry, try again\.\nPassword:\nSorry, try again\.\nPassword:$/)
  seat.type('z\n')
  await expect(seat.sees(/sudo: 3 incorrect password attempts/)).resolves.toBeTypeOf('string')
})

test('control-C ends a running command and gives the prompt back', async () => {
  const { seat } = await boot()
  await logIn(seat)
  seat.type('clear; sleep 100000000\n')
  seat.type('\x03')
  await seat.sees(/\^C\n\[zsroot@zscaler ~\]\$$/)
  seat.type('echo status $?\n')
  await expect(seat.sees(/^status 130$/m)).resolves.toBeTypeOf('string')
})

test('a line that is not finished asks for more', async () => {
  const { seat } = await boot()
  await logIn(seat)
  seat.type('clear; echo "one\n')
  await seat.sees(/^>$/m)
  seat.type('two"\n')
  await expect(seat.sees(/^one\ntwo\n/m)).resolves.toBeTypeOf('string')
})

test('configure-network asks again for what is not good enough, and applies only at the end', async () => {
  const { seat } = await boot()
  await logIn(seat)
  seat.type('clear; sudo vzen configure-network\n')
  await seat.answer([/^Password:/, 'zsroot'], [/new nameserver/, 'n'])
  await seat.sees(/Atleast one entry required for nameserver/)
  await seat.answer(
    [/new nameserver/, 'y'],
    [/nameserver \(/, 'ten.eighty'],
    [/nameserver \(/, '10.84.0.100'],
    [/new nameserver/, ''],
    [/netmask\) \[/, '10.84.0.110'],
  )
  await seat.sees(/Please re-enter netmask after IP address: \(Ex\.1\.2\.3\.4\/24\)/)
  await seat.answer([/netmask\) \[/, '10.84.0.110/24'], [/gateway/, '10.99.0.1'])
  await seat.sees(/Please re-enter a gateway in the subnet/)
  expect(bench.network.isTaken({ host: '10.84.0.110', port: 22 })).toBe(false)
  seat.type('clear')
  seat.type('\x15')
  await seat.answer([/gateway/, '10.84.0.200'], [/hostname \(/, '-bad-'], [/hostname \(/, 'vse-a'])
  await seat.sees(/Successfully Applied Changes\n\[zsroot@vse-a ~\]\$$/)
})

test('run again, configure-network offers what is there: Enter keeps it, c changes it, d deletes it', async () => {
  const { seat, guest } = await boot()
  await configure(bench, guest, { name: 'lab-1-a', address: '10.84.0.110' })
  seat.type('clear; sudo -k; sudo vzen configure-network\n')
  await seat.answer(
    [/^Password:/, 'zsroot'],
    [/nameserver:10\.84\.0\.100 \(Options <c:change, d:delete, n:no change>\) \[n\]/, 'c'],
    [/nameserver \(/, '10.84.0.101'],
    [/new nameserver/, ''],
    [/\[10\.84\.0\.110\/24\]:/, ''],
    [/\[10\.84\.0\.200\]:/, ''],
    [/\[lab-1-a\]:/, ''],
  )
  await seat.sees(/Successfully Applied Changes/)
  const client = await connect(bench, '10.84.0.110')
  expect((await run(client, 'cat /etc/resolv.conf')).out).toBe('nameserver 10.84.0.101\n')
  client.end()
})

test('an address that another machine has is reported on the console and taken when it becomes free', async () => {
  const { guest } = await boot()
  await configure(bench, guest, { name: 'lab-1-a', address: '10.84.0.110' })
  const other = await bench.yard.createGuest(createMachine('lab-1-b', 2))
  await other.powerOn({ resumed: false })
  await configure(bench, other, { name: 'lab-1-b', address: '10.84.0.110' })
  await sitAt(bench, other, 'lab-1-b').sees(
    /arp: 00:50:56:a1:01:00 is using my IP address 10\.84\.0\.110 on em0!/,
  )
  const first = await connect(bench, '10.84.0.110')
  expect((await run(first, 'hostname')).out).toBe('lab-1-a\n')
  await guest.powerOff()
  await answers(bench, '10.84.0.110')
  const second = await connect(bench, '10.84.0.110')
  expect((await run(second, 'hostname')).out).toBe('lab-1-b\n')
  second.end()
})

test('halt stops the system until a key is pressed; the network is gone in between', async () => {
  const { guest, seat } = await boot()
  await configure(bench, guest, { name: 'lab-1-a', address: '10.84.0.110' })
  seat.type('clear; sudo -k; sudo vzen halt\n')
  await seat.answer([/^Password:/, 'zsroot'])
  await seat.sees(/The operating system has halted\.\nPlease press any key to reboot\./)
  expect(bench.network.isTaken({ host: '10.84.0.110', port: 22 })).toBe(false)
  seat.type(' ')
  await seat.sees(/FreeBSD\/amd64 \(lab-1-a\) \(ttyv0\)\n\nlogin:$/)
  expect(bench.network.isTaken({ host: '10.84.0.110', port: 22 })).toBe(true)
})

test('losing power in the middle of anything leaves a machine that boots again', async () => {
  const { guest, seat } = await boot()
  await seat.sees(/Trying to mount root/)
  await guest.powerOff()
  await guest.powerOn({ resumed: false })
  await logIn(seat)
  seat.type('sudo vzen configure-network\n')
  await seat.answer([/^Password:/, 'zsroot'], [/new nameserver/, 'y'])
  await guest.powerOff()
  await guest.powerOn({ resumed: false })
  await expect(configure(bench, guest, { name: 'lab-1-a', address: '10.84.0.110' })).resolves.toBeUndefined()
})

test('a network edited by hand in rc.conf counts after a reboot', async () => {
  const { guest, seat } = await boot()
  await configure(bench, guest, { name: 'lab-1-a', address: '10.84.0.110' })
  seat.type(
    `clear; sudo -k; sudo sh -c 'sysrc ifconfig_em0="inet 10.84.0.150 netmask 255.255.255.0" && reboot'\n`,
  )
  await seat.answer([/^Password:/, 'zsroot'])
  await answers(bench, '10.84.0.150')
  expect(bench.network.isTaken({ host: '10.84.0.110', port: 22 })).toBe(false)
})

test('a destroyed machine leaves nothing behind', async () => {
  const { guest, machine } = await boot()
  await configure(bench, guest, { name: 'lab-1-a', address: '10.84.0.110' })
  await guest.destroy()
  expect(bench.yard.status()).toEqual({})
  expect(bench.network.isTaken({ host: '10.84.0.110', port: 22 })).toBe(false)
  const again = await bench.yard.createGuest(machine)
  await again.powerOn({ resumed: false })
  await logIn(sitAt(bench, again, 'lab-1-a'))
})
