import type { Glyphs } from './glyphs.ts'

/** A bar of `width` cells of which `fraction` (0 to 1) is filled; full only when everything is done. */
export function renderBar(
  fraction: number,
  { width, glyphs }: { readonly width: number; readonly glyphs: Glyphs },
): string {
  const share = Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0
  const cells = Math.floor(share * width)
  return glyphs.full.repeat(cells) + glyphs.empty.repeat(width - cells)
}
