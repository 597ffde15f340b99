import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Finds a kernel that can show text on a VGA screen and on a framebuffer: the one that the environment names, the one that
 * `fetch-kernel` put into the cache, or that of this machine.
 */
export function findKernel(): string | undefined {
  const named = process.env['RUNBOOK_QEMU_KERNEL']
  if (named !== undefined && named !== '') return existsSync(named) ? named : undefined
  const cached = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'runbook', 'vmlinuz')
  if (existsSync(cached)) return cached
  const own = existsSync('/boot') ? readdirSync('/boot') : []
  // The kernels for clouds have no framebuffer.
  const fit = own.filter((name) => /^vmlinuz-.*-amd64$/.test(name) && !name.includes('cloud'))
  const newest = fit.toSorted().at(-1)
  return newest === undefined ? undefined : join('/boot', newest)
}
