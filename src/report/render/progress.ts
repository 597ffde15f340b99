import type { Progress } from '../../model/progress.ts'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A number of bytes with three digits that matter: `512 B`, `1.4 GiB`. */
export function renderSize(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`
}

/** How much of the work is done, from 0 to 1; nothing where the whole is not known. */
export function fractionOf({ done, total, unit }: Progress): number | undefined {
  const whole = total ?? (unit === 'percent' ? 100 : undefined)
  if (whole === undefined || whole <= 0) return undefined
  return Math.min(1, Math.max(0, done / whole))
}

/** How far a long piece of work has come, in words: `uploading disk 1 42 % of 1.4 GiB`. */
export function renderProgress(progress: Progress): string {
  const fraction = fractionOf(progress)
  const percent = fraction === undefined ? undefined : `${Math.floor(fraction * 100)} %`
  const size = progress.unit === 'bytes' ? renderSize(progress.total ?? progress.done) : undefined
  const amount = percent !== undefined && size !== undefined ? `${percent} of ${size}` : (percent ?? size)
  return [progress.text, amount].filter((part) => part !== undefined && part !== '').join(' ')
}
