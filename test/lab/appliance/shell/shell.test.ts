import { createHash } from 'node:crypto'

import { expect, test } from 'vitest'

import type { Appliance } from '../../../../src/lab/appliance/appliance.ts'
import { createDisk, type Disk } from '../../../../src/lab/appliance/disk/disk.ts'
import { createFilePrograms } from '../../../../src/lab/appliance/programs/files.ts'
import { createTestPrograms } from '../../../../src/lab/appliance/programs/test.ts'
import { createTextPrograms } from '../../../../src/lab/appliance/programs/text.ts'
import type { Call, Programs } from '../../../../src/lab/appliance/shell/program.ts'
import { createShell } from '../../../../src/lab/appliance/shell/shell.ts'
import { createPipe, readAll } from '../../../../src/lab/appliance/shell/streams.ts'

interface Result {
  readonly status: number
  readonly out: string
  readonly err: string
  readonly disk: Disk
}

async function sh(script: string, input = '', signal = new AbortController().signal): Promise<Result> {
  const disk = createDisk({ files: {}, now: () => 0, isFull: () => false, changed: () => undefined })
  disk.write('/tmp/b.txt', { data: 'beta\ngamma\n', as: 'root' })
  disk.write('/tmp/a.txt', { data: 'alpha\n', as: 'root' })
  const appliance = { disk } as Appliance
  const programs: Programs = {
    ...createFilePrograms(appliance),
    ...createTextPrograms(appliance),
    ...createTestPrograms(appliance),
    sh: (call: Call) => call.shell(call.args[1]),
    args: async (call: Call) => {
      for (const arg of call.args) call.stdout.write(`<${arg}>`)
      return 0
    },
    forever: (call: Call) =>
      new Promise((_, reject) => {
        call.signal.addEventListener('abort', () => reject(call.signal.reason as Error), { once: true })
      }),
  }
  const [stdin, stdout, stderr] = [createPipe(), createPipe(), createPipe()]
  stdin.write(input)
  stdin.end()
  const session = { over: 'ssh', tty: undefined, sudoUntil: 0, disconnect: () => undefined } as const
  const host = { disk, programs: () => programs, hostname: () => 'vse', settle: async () => undefined }
  const shell = createShell({ host, session, user: 'zsroot', signal, stdin, stdout, stderr })
  const status = await shell.interpreter.script(script, shell)
  stdout.end()
  stderr.end()
  const open = new AbortController()
  return { status, out: await readAll(stdout, open), err: await readAll(stderr, open), disk }
}

test.each([
  ['echo a b   c', 'a b c\n'],
  [`args 'a b' "c  d" e\\ f ''`, '<a b><c  d><e f><>'],
  [`args "a'b" 'c"d' "\\$x \\"q\\" \\n"`, `<a'b><c"d><$x "q" \\n>`],
  [`args 'it'\\''s'`, "<it's>"],
  ['x="a  b"; args $x "$x" ${x} ${y:-none}', '<a><b><a  b><a><b><none>'],
  ['false; echo $?; true; echo $?', '1\n0\n'],
  ['false && echo no; true && echo yes || echo no', 'yes\n'],
  ['false || echo rescued; ! false && echo not', 'rescued\nnot\n'],
  ['echo one; echo two # three', 'one\ntwo\n'],
  ['echo a | cat | cat', 'a\n'],
  ['printf "%s-%05d\\n" a 7 b 8', 'a-00007\nb-00008\n'],
  ['cat /tmp/b.txt | grep -c a', '2\n'],
  ['grep -v beta /tmp/b.txt', 'gamma\n'],
  ['echo 9422 | grep -E "94(22|31)"', '9422\n'],
  ['tail -n 1 /tmp/b.txt; head -1 /tmp/b.txt', 'gamma\nbeta\n'],
  ['args /tmp/*.txt "/tmp/*.txt" /tmp/*.none', '</tmp/a.txt></tmp/b.txt></tmp/*.txt></tmp/*.none>'],
  ['args $(echo x y) "$(echo x y)" `echo z`', '<x><y><x y><z>'],
  ['args "$(printf "%s" "a)b")"', '<a)b>'],
  ['if test -f /tmp/a.txt; then echo there; elif true; then echo x; else echo y; fi', 'there\n'],
  ['for i in 1 2 3; do printf $i; done; echo', '123\n'],
  ['n=x; while [ $n != xxx ]; do n=x$n; done; echo $n', 'xxx\n'],
  ['(cd /tmp; pwd); pwd', '/tmp\n/home/zsroot\n'],
  ['{ cd /tmp; pwd; }; pwd', '/tmp\n/tmp\n'],
  ['sh -c "echo inner; exit 3"; echo "@@RC=$?"', 'inner\n@@RC=3\n'],
  ['echo to stderr >&2 2>&1; ls /none 2>&1', 'ls: /none: No such file or directory\n'],
  ['ls /none 2>/dev/null; echo $?', '1\n'],
  ['echo kept > /tmp/new; echo more >> /tmp/new; cat < /tmp/new', 'kept\nmore\n'],
  ['printf "a\\nb\\n" | while read line; do echo "[$line]"; done', '[a]\n[b]\n'],
  ['X=1 args "$X"; export Y=2; args $Y', '<><2>'],
  ['printf alpha > /tmp/c; sha256 -q /tmp/c', `${createHash('sha256').update('alpha').digest('hex')}\n`],
  ['[ 2 -gt 1 -a a = a ] && test ! -d /none && echo ok', 'ok\n'],
  ['echo a;\n\necho b\n', 'a\nb\n'],
  ['command -v cat >/dev/null && echo found; command -v nope || echo missing', 'found\nmissing\n'],
])('%s', async (script, expected) => {
  const { out } = await sh(script)
  expect(out).toBe(expected)
})

test('a name that is no program, nor a property of anything, is not found', async () => {
  for (const name of ['nosuch', 'constructor', '__proto__', 'toString']) {
    expect(await sh(name)).toMatchObject({ status: 127, err: `${name}: not found\n` })
  }
})

test.each([
  'echo "open',
  'if true; then',
  '| cat',
  'echo a &',
  '(echo',
  'done',
  'for in do',
  'echo $(',
  'a && ',
])('refuses %s with status 2 and the shell’s words', async (script) => {
  const { status, err } = await sh(script)
  expect(status).toBe(2)
  expect(err).toMatch(/^sh: Syntax error: .* unexpected\n$/)
})

test('standard input goes to the first command of a pipe', async () => {
  expect((await sh('grep two | cat', 'one\ntwo\nthree\n')).out).toBe('two\n')
})

test('bytes that are no text come through unchanged', async () => {
  const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')
  const { disk, status } = await sh('cat > /tmp/bytes', bytes)
  expect(status).toBe(0)
  expect(disk.read('/tmp/bytes', 'zsroot')).toBe(bytes)
})

test('a command that runs for ever ends with its signal, and so does a loop of nothing', async () => {
  for (const script of ['forever | cat', 'while true; do :; done', 'echo $(forever)']) {
    const stop = new AbortController()
    const running = sh(script, '', stop.signal)
    setImmediate(() => stop.abort(new Error('stopped')))
    await expect(running).rejects.toThrow('stopped')
  }
})

test('a user cannot write where only root may, and reads no root-only file', async () => {
  expect((await sh('echo x > /etc/rc.local')).err).toMatch(/Permission denied/)
  expect((await sh('rm /tmp/../etc')).err).toMatch(/is a directory|Permission denied/)
})

test('a shell that starts itself for ever is stopped', async () => {
  const { err } = await sh(`f='sh -c "$f"'; export f; sh -c "$f"`)
  expect(err).toMatch(/Resource temporarily unavailable/)
})
