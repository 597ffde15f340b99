import { AbortError } from '../../../model/error.ts'
import type { Input, Output, ReadOptions } from '../shell/streams.ts'

/** Bytes of one line, and of everything typed ahead; more is answered with a bell, as on the real thing. */
const LINE_LIMIT = 1024
const AHEAD_LIMIT = 8 * 1024

/** Columns that getty overwrites, however long the line is. */
const GETTY_COLUMNS = 37

/** A terminal in line mode: echo, editing keys, interrupt, and what was typed ahead. */
export interface Tty extends Input, Output {
  /** `ttyv0` or `pts/0`. */
  readonly name: string
  /** Takes what came from the keyboard or the client. */
  readonly input: (bytes: string) => void
  /** Forgets what was typed ahead. */
  readonly flush: () => void
  /** What control-C stops from now on; returns what it stopped before. */
  readonly foreground: (controller: AbortController | undefined) => AbortController | undefined
  /** Nothing more will be typed: reads end. */
  readonly hangUp: () => void
}

/** Makes a terminal whose output, with line ends as a screen needs them, goes to `send`. */
export function createTty({
  name,
  send,
  waits,
}: {
  readonly name: string
  readonly send: (text: string) => void
  /** Called when a program begins to wait for somebody who has typed nothing yet. */
  readonly waits?: () => void
}): Tty {
  /** Finished lines; `undefined` stands for control-D. */
  const lines: (string | undefined)[] = []
  let ahead = 0
  let line = ''
  let echo = true
  let getty: string | undefined
  let hungUp = false
  let foreground: AbortController | undefined
  let wake: (() => void) | undefined

  const write = (text: string): void => send(text.replaceAll('\n', '\r\n'))

  function push(done: string | undefined): void {
    lines.push(done)
    ahead += done?.length ?? 0
    wake?.()
  }

  function visible(character: string): string {
    const code = character.charCodeAt(0)
    return code < 0x20 && character !== '\t' ? `^${String.fromCharCode(code + 0x40)}` : character
  }

  function erase(count: number): void {
    const gone = line.slice(line.length - count)
    line = line.slice(0, line.length - count)
    if (!echo) return
    const width = Array.from(gone).reduce((sum, character) => sum + visible(character).length, 0)
    write('\b \b'.repeat(width))
  }

  function flush(): void {
    lines.length = 0
    ahead = 0
    line = ''
  }

  function key(character: string): void {
    switch (character) {
      case '\r':
      case '\n': {
        if (echo) write('\n')
        const done = line
        line = ''
        push(done)
        return
      }
      case '\x7f':
      case '\b':
        if (line !== '') erase(1)
        return
      case '\x15':
        if (getty === undefined) {
          erase(line.length)
          return
        }
        send(`\r${line === '' ? '' : `${' '.repeat(GETTY_COLUMNS)}\r`}${getty}`)
        line = ''
        return
      case '\x17':
        erase(line.length - line.trimEnd().search(/\S*$/))
        return
      case '\x03':
        flush()
        write('^C\n')
        foreground?.abort(new AbortError('interrupted from the keyboard'))
        return
      case '\x04':
        if (line === '') push(undefined)
        return
      default:
        if (line.length >= LINE_LIMIT || ahead + line.length >= AHEAD_LIMIT) {
          send('\x07')
          return
        }
        line += character
        if (echo) write(visible(character))
    }
  }

  async function readLine(options: ReadOptions): Promise<string | undefined> {
    const { signal, secret = false } = options
    if (secret) flush()
    echo = !secret
    getty = options.getty
    if (lines.length === 0 && line === '') waits?.()
    try {
      while (lines.length === 0) {
        signal.throwIfAborted()
        if (hungUp) return undefined
        await new Promise<void>((resolve, reject) => {
          const onAbort = (): void => reject(signal.reason as Error)
          signal.addEventListener('abort', onAbort, { once: true })
          wake = () => {
            signal.removeEventListener('abort', onAbort)
            wake = undefined
            resolve()
          }
        })
      }
      const done = lines.shift()
      ahead -= done?.length ?? 0
      return done
    } finally {
      if (secret) write('\n')
      echo = true
      getty = undefined
    }
  }

  return {
    name,
    write,
    flush,
    readLine,
    async read(options) {
      const next = await readLine(options)
      return next === undefined ? undefined : `${next}\n`
    },
    input(bytes) {
      for (const character of bytes) key(character)
    },
    foreground(controller) {
      const before = foreground
      foreground = controller
      return before
    },
    hangUp() {
      hungUp = true
      wake?.()
    },
  }
}
