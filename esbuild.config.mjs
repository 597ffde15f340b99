// Builds the engine once (npm's `prepare`), so that a command starts in milliseconds: code-split ESM, one chunk a
// command, every dependency left outside. `--watch` rebuilds on change.
import { chmod, readFile, rm } from 'node:fs/promises'

import { build, context } from 'esbuild'

const { version } = JSON.parse(await readFile('package.json', 'utf8'))

const options = {
  entryPoints: { bin: 'src/cli/bin.ts', sdk: 'src/sdk.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: 'linked',
  define: { RUNBOOK_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
}

await rm('dist', { recursive: true, force: true })
if (process.argv.includes('--watch')) {
  const watching = await context(options)
  await watching.rebuild()
  await watching.watch()
} else {
  await build(options)
}
await chmod('dist/bin.js', 0o755)
