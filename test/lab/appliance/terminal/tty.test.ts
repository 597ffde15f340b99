import { expect, test } from 'vitest'

import { createTty } from '../../../../src/lab/appliance/terminal/tty.ts'

function open() {
  const shown: string[] = []
  const tty = createTty({ name: 'ttyv0', send: (text) => shown.push(text) })
  const { signal } = new AbortController()
  return { tty, shown: () => shown.join(''), signal }
}

test('echoes what is typed and hands over the line without its end', async () => {
  const { tty, shown, signal } = open()
  const line = tty.readLine({ signal })
  tty.input('hello\r')
  expect(await line).toBe('hello')
  expect(shown()).toBe('hello\r\n')
})

test('backspace takes back a character, control-W a word, control-U the line', async () => {
  const { tty, signal } = open()
  tty.input('abd\x7fc\r')
  tty.input('sudo vzen stop\x17start\r')
  tty.input('nonsense\x15ok\r')
  tty.input('\x7f\x7fx\n')
  expect(await tty.readLine({ signal })).toBe('abc')
  expect(await tty.readLine({ signal })).toBe('sudo vzen start')
  expect(await tty.readLine({ signal })).toBe('ok')
  expect(await tty.readLine({ signal })).toBe('x')
})

test('control-U at getty overwrites 37 columns and asks again; nothing is overwritten where nothing was typed', async () => {
  const { tty, shown, signal } = open()
  const line = tty.readLine({ signal, getty: 'login: ' })
  tty.input('\x15abc\x15ok\r')
  expect(await line).toBe('ok')
  expect(shown()).toBe(`\rlogin: abc\r${' '.repeat(37)}\rlogin: ok\r\n`)
  tty.input('abc\x15\r')
  expect(shown().endsWith(`abc${'\b \b'.repeat(3)}\r\n`)).toBe(true)
})

test('a secret is not echoed, and what was typed ahead of its prompt is thrown away', async () => {
  const { tty, shown, signal } = open()
  tty.input('too early\r')
  const line = tty.readLine({ signal, secret: true })
  tty.input('hun\x7fnter2\r')
  expect(await line).toBe('hunter2')
  expect(shown()).toBe('too early\r\n\r\n')
})

test('control-D at the beginning of a line ends the input once; later it is ignored', async () => {
  const { tty, signal } = open()
  tty.input('\x04ab\x04c\r')
  expect(await tty.readLine({ signal })).toBeUndefined()
  expect(await tty.readLine({ signal })).toBe('abc')
})

test('control-C forgets the line and stops what is in the foreground', async () => {
  const { tty, shown, signal } = open()
  const job = new AbortController()
  tty.foreground(job)
  tty.input('half a li\x03')
  expect(job.signal.aborted).toBe(true)
  expect(shown()).toBe('half a li^C\r\n')
  tty.input('next\r')
  expect(await tty.readLine({ signal })).toBe('next')
})

test('a read that is aborted rejects, and the terminal goes on', async () => {
  const { tty, signal } = open()
  const stop = new AbortController()
  const line = tty.readLine({ signal: stop.signal })
  stop.abort(new Error('stopped'))
  await expect(line).rejects.toThrow('stopped')
  tty.input('later\r')
  expect(await tty.readLine({ signal })).toBe('later')
})

test('endless typing is bounded: it rings the bell and nothing grows', async () => {
  const { tty, shown, signal } = open()
  tty.input('x'.repeat(5000))
  tty.input('\r')
  expect((await tty.readLine({ signal }))?.length).toBe(1024)
  expect(shown()).toContain('\x07')
  for (let line = 0; line < 100; line += 1) tty.input(`${'y'.repeat(1000)}\r`)
  tty.hangUp()
  let kept = 0
  for (let line = await tty.readLine({ signal }); line !== undefined; line = await tty.readLine({ signal }))
    kept += line.length
  expect(kept).toBeLessThan(10_000)
})
