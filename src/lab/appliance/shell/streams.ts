import { CommandError } from '../../../model/error.ts'

/** How a program reads a line. */
export interface ReadOptions {
  readonly signal: AbortSignal
  /** On a terminal: forget what was typed ahead and echo nothing, as for a password. */
  readonly secret?: boolean
  /** On a terminal: the prompt of `getty`, which edits the line itself; control-U writes it anew over a part of the line. */
  readonly getty?: string
}

/** Where a program reads from. All text in the guest is bytes: a character is one byte. */
export interface Input {
  /** The next line without its end; none at the end of the input. */
  readonly readLine: (options: ReadOptions) => Promise<string | undefined>
  /** Whatever has come, at least a byte; none at the end of the input. */
  readonly read: (options: ReadOptions) => Promise<string | undefined>
}

/** Where a program writes to. */
export interface Output {
  readonly write: (text: string) => void
}

/** What one program writes and another reads. */
export interface Pipe extends Input, Output {
  /** Nothing more will be written. */
  readonly end: () => void
  /** Writes, and resolves when the reader has caught up enough to take more. */
  readonly put: (text: string) => Promise<void>
}

/** More than this between a writer that cannot wait and its reader, and the pipe breaks. */
const PIPE_LIMIT = 8 * 2 ** 20
const COMFORTABLE = 64 * 2 ** 10

/** Makes an empty pipe. */
export function createPipe(): Pipe {
  let buffered = ''
  let ended = false
  let wakeReader: (() => void) | undefined
  let wakeWriter: (() => void) | undefined

  async function more(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error)
      signal.addEventListener('abort', onAbort, { once: true })
      wakeReader = () => {
        signal.removeEventListener('abort', onAbort)
        wakeReader = undefined
        resolve()
      }
    })
  }

  function take(length: number): string {
    const text = buffered.slice(0, length)
    buffered = buffered.slice(length)
    if (buffered.length < COMFORTABLE) wakeWriter?.()
    return text
  }

  function write(text: string): void {
    if (ended) return
    if (buffered.length + text.length > PIPE_LIMIT) throw new CommandError('Broken pipe')
    buffered += text
    wakeReader?.()
  }

  return {
    write,
    end() {
      ended = true
      wakeReader?.()
      wakeWriter?.()
    },
    async put(text) {
      write(text)
      if (buffered.length < COMFORTABLE || ended) return
      await new Promise<void>((resolve) => {
        wakeWriter = () => {
          wakeWriter = undefined
          resolve()
        }
      })
    },
    async readLine({ signal }) {
      for (;;) {
        const at = buffered.indexOf('\n')
        if (at >= 0) return take(at + 1).slice(0, -1)
        if (ended) return buffered === '' ? undefined : take(buffered.length)
        await more(signal)
      }
    },
    async read({ signal }) {
      for (;;) {
        if (buffered !== '') return take(buffered.length)
        if (ended) return undefined
        await more(signal)
      }
    },
  }
}

/** An input with nothing in it. */
export const emptyInput: Input = {
  readLine: async () => undefined,
  read: async () => undefined,
}

/** Reads everything there is, up to `limit` bytes; what comes after is left. */
export async function readAll(
  input: Input,
  { signal, limit = PIPE_LIMIT }: { readonly signal: AbortSignal; readonly limit?: number },
): Promise<string> {
  let all = ''
  while (all.length < limit) {
    const chunk = await input.read({ signal })
    if (chunk === undefined) break
    all += chunk
  }
  return all
}
