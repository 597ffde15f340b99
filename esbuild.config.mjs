// Builds the engine once (npm's `prepare`), so that a command starts in milliseconds: code-split ESM, one chunk a
// command, every dependency left outside. `--watch` rebuilds on change.
import { chmod, mkdir, readFile, rm, symlink } from 'node:fs/promises'

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

/** `npx runbook` looks in node_modules/.bin first; a package's own command is not linked there by npm. */
async function linkCommand() {
  await chmod('dist/bin.js', 0o755)
  await mkdir('node_modules/.bin', { recursive: true })
  await rm('node_modules/.bin/runbook', { force: true })
  await symlink('../../dist/bin.js', 'node_modules/.bin/runbook')
}

await rm('dist', { recursive: true, force: true })
if (process.argv.includes('--watch')) {
  const watching = await context(options)
  await watching.watch()
} else {
  await build(options)
}
await linkCommand()
