/** How far a long piece of work has come. */
export interface Progress {
  readonly done: number
  readonly total?: number
  readonly unit: 'bytes' | 'percent'
  /** What is being done, as a few words: `uploading disk 1`. */
  readonly text?: string
}
