/** Waits some milliseconds; rejects with the signal's reason when it is aborted first. */
export type Sleep = (ms: number, options: { readonly signal: AbortSignal }) => Promise<void>
