import { InternalError } from '../model/error.ts'

/** Needs no quotes in any shell, wherever in a command it stands. */
const PLAIN = /^[A-Za-z0-9_+,./:@-]+$/

/** Plain as they look, these mean something to a shell where a command is expected. */
const RESERVED = new Set(
  `case coproc do done elif else end endif endsw esac eval exec fi for foreach function if in repeat select switch
  then time until while`.split(/\s+/),
)

/**
 * One word of a shell's command line, exactly as it is: single quotes, which nothing in POSIX `sh` looks into. An
 * exclamation mark stands outside of them behind a backslash, because csh (the login shell of many a BSD) and an
 * interactive bash look for history even where `sh` sees nothing. A line break is safe for every `sh`, but csh
 * refuses it. Throws an `InternalError` for a NUL, which no command line can hold.
 */
export function quote(word: string): string {
  if (word.includes('\0')) {
    throw new InternalError(`a command line cannot hold a NUL, as in ${JSON.stringify(word.slice(0, 80))}`)
  }
  if (PLAIN.test(word) && !RESERVED.has(word)) return word
  return `'${word.replaceAll(/['!]/g, (mark) => `'\\${mark}'`)}'`
}
