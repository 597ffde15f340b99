/** Who is signed in, by the hash of what they prove it with; a later process knows them, too. */
export interface VisitState {
  /** When this was kept, by the clock of the process that did. */
  at: number
  sessions: Record<string, Session>
  tokens: Record<string, { readonly name: string; readonly until: number }>
}

interface Session {
  readonly name: string
  used: number
  editing: boolean
}

/** Nobody. */
export const planVisits = (): VisitState => ({ at: 0, sessions: {}, tokens: {} })

/** Brings times of an earlier process, whose clock may have been ahead, into this one's. */
export function rebaseVisits({ at, sessions, tokens }: VisitState, now: number): void {
  const ahead = Math.max(0, at - now)
  for (const session of Object.values(sessions)) session.used -= ahead
  for (const [id, { name, until }] of Object.entries(tokens)) tokens[id] = { name, until: until - ahead }
}
