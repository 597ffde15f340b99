import type { Output } from '../../../src/report/output.ts'

/** An output that keeps what was written. */
export interface TextOutput extends Output {
  text(): string
  readonly writes: readonly string[]
}

/** Makes an output without a terminal, or with one of the given size. */
export function textOutput(size: { columns?: number; rows?: number } = {}): TextOutput {
  const writes: string[] = []
  return {
    ...size,
    isTTY: size.columns !== undefined,
    writes,
    write: (text: string) => void writes.push(text),
    text: () => writes.join(''),
  }
}
