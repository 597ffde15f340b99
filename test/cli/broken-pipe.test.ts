import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { readFile } from 'node:fs/promises'

import { transform } from 'esbuild'
import { expect, test } from 'vitest'

import { survivePipes } from '../../src/cli/broken-pipe.ts'

test('a command goes on after its reader has gone', async () => {
  const typed = await readFile(new URL('../../src/cli/broken-pipe.ts', import.meta.url), 'utf8')
  const { code: source } = await transform(typed, { loader: 'ts' })
  const script = `${source}
    survivePipes([process.stdout, process.stderr])
    process.stdin.on('data', () => {
      for (let count = 0; count < 50; count++) process.stdout.write('x'.repeat(65536))
      setTimeout(() => process.exit(7), 50)
    })
    process.stdout.write('ready')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  child.stdin.write('go')
  expect(await once(child, 'exit')).toEqual([7, null])
})

test('a terminal that has gone is nothing to stop for either', () => {
  const stream = new EventEmitter()
  survivePipes([stream])
  expect(stream.emit('error', Object.assign(new RangeError('write EIO'), { code: 'EIO' }))).toBe(true)
})

test('any other error of an output is still one', () => {
  const stream = new EventEmitter()
  survivePipes([stream])
  expect(() => stream.emit('error', Object.assign(new RangeError('disk full'), { code: 'ENOSPC' }))).toThrow(
    'disk full',
  )
})
