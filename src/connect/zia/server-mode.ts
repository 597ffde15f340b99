import type { Http } from './http.ts'

/** What a tenant's answers say of whether it takes edits. */
export interface ServerMode {
  /** The same way to send, with an eye on what comes back. */
  watch(http: Http): Http
  /** Whether the last answer that said so was that of a tenant in read-only maintenance. */
  isReadOnly(): boolean
}

/** Keeps what the last answer said. */
export function createServerMode(): ServerMode {
  let isReadOnly = false
  return {
    watch: (http) => ({
      ...http,
      async send(request, options) {
        const answer = await http.send(request, options)
        const mode = answer.headers['x-zscaler-mode']
        if (mode !== undefined) isReadOnly = mode === 'read-only'
        return answer
      },
    }),
    isReadOnly: () => isReadOnly,
  }
}
