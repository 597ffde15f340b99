import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vitest/config'

import { closingLine } from './test/support/closing-line.ts'

export default defineConfig({
  define: { RUNBOOK_VERSION: JSON.stringify('0.0.0-test') },
  resolve: {
    alias: [
      { find: '#sdk', replacement: fileURLToPath(new URL('./src/sdk.ts', import.meta.url)) },
      { find: /^#modules\/(.*)$/, replacement: fileURLToPath(new URL('./modules/$1.ts', import.meta.url)) },
      {
        find: /^#inventory\/(.*)$/,
        replacement: fileURLToPath(new URL('./inventory/$1.ts', import.meta.url)),
      },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', closingLine()],
    // Much of the suite waits for real processes and the lab's clock: leave no core idle.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    // Tests mock nothing and leave nothing behind, so that files can share a process and what it has loaded: a third of the CPU.
    isolate: false,
    // CI's machine is shared and can stall for a moment: there, what fails twice has failed. At home nothing is tried again.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
