import type { Clock } from '../../model/clock.ts'
import { untilAborted } from '../deadline.ts'

/** What proves who we are, as headers: good until the server refuses it. */
export type Proof = Readonly<Record<string, string>>

/** A proof, and when it has to be replaced before the server refuses it, on the run's clock. */
export interface FreshProof {
  readonly proof: Proof
  readonly until: number
}

/** Signs in, once for all who ask at the same time. */
export interface Credentials {
  /** The current proof; signs in where there is none. Throws an `AuthError` where the server does not want us. */
  proof(signal: AbortSignal): Promise<Proof>
  /** Told that a proof was refused: the next one is a new one. Says whether it was the current one. */
  renew(refused: Proof): boolean
}

/** Makes credentials from a way to sign in, which goes on for the others when one who waits for it gives up. */
export function createCredentials(signIn: () => Promise<FreshProof>, clock: Clock): Credentials {
  let fresh: FreshProof | undefined
  let signing: Promise<FreshProof> | undefined

  return {
    async proof(signal) {
      if (fresh !== undefined && fresh.until > clock.now()) return fresh.proof
      signing ??= signIn()
        .then((signed) => (fresh = signed))
        .finally(() => (signing = undefined))
      signing.catch(() => {})
      return (await untilAborted(signing, signal)).proof
    },
    renew(refused) {
      const isCurrent = fresh?.proof === refused
      if (isCurrent) fresh = undefined
      return isCurrent
    },
  }
}
