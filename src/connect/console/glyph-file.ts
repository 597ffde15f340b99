import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import { z } from 'zod'

import { writeState } from '../../state/write-error.ts'
import { createGlyphBook, type GlyphBook } from './glyph-book.ts'

const file = z.strictObject({
  glyphs: z.array(z.tuple([z.string(), z.string().length(1)])).max(10_000),
  cursors: z.array(z.string()).max(100),
})

/**
 * Opens the book of what earlier runs have learned; an empty one where there is none, or none that can be read. A font that
 * is learned is kept at once: whoever comes after a run that was killed has to read what it left on the screen.
 */
export async function openGlyphFile(path: string): Promise<GlyphBook> {
  const book = await readGlyphFile(path)
  return {
    ...book,
    exclusively: (learn) =>
      book.exclusively(async () => {
        const edition = book.edition()
        const learned = await learn()
        if (book.edition() !== edition) await saveGlyphFile(path, book)
        return learned
      }),
  }
}

async function readGlyphFile(path: string): Promise<GlyphBook> {
  const book = createGlyphBook()
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return book
  try {
    const { glyphs, cursors } = file.parse(JSON.parse(text))
    book.add({ glyphs: new Map(glyphs), cursor: undefined })
    for (const cursor of cursors) book.add({ glyphs: new Map(), cursor })
  } catch {
    // It only saves time: what cannot be read is learned again.
    return createGlyphBook()
  }
  return book
}

/** Keeps what a book knows, whole or not at all. */
export async function saveGlyphFile(path: string, book: GlyphBook): Promise<void> {
  const { glyphs, cursors } = book.known()
  const text = JSON.stringify({ glyphs: [...glyphs], cursors: [...cursors] })
  const fresh = `${path}.${process.pid}`
  await writeState(path, async () => {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(fresh, text, { mode: 0o600 })
    await rename(fresh, path)
  })
}
