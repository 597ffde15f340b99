import { AuthError } from '../../model/error.ts'
import type { Caller } from './call.ts'
import type { EditRecord } from './edit-record.ts'
import { ZiaError } from './error.ts'
import type { ZiaUse } from './session.ts'

/** The request that an edit is. */
interface EditRequest {
  readonly method: 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  /** Makes the body, where there is any, each time it is about to be sent; what it throws prevents that. */
  readonly compose: () => Promise<unknown>
}

/**
 * Sends an edit, and records it as one from the moment that the server may have made it, but not where the server has refused
 * it. A lost answer is a `LostAnswerError`: whoever sends the edit again has it recorded once more, and for good.
 */
export async function sendEdit(
  { call, record }: { readonly call: Caller; readonly record: EditRecord },
  { method, path, compose }: EditRequest,
  use: ZiaUse,
): Promise<unknown> {
  let isSent = false
  const composeAndRecord = async (): Promise<unknown> => {
    const body = await compose().catch((error: unknown) => {
      // It was sent before, and is composed again because the answer to that was that nothing was done.
      if (isSent) record.refused()
      isSent = false
      throw error
    })
    if (!isSent) record.edited()
    isSent = true
    return body
  }
  try {
    return await call({ method, path, compose: composeAndRecord, repeatable: false }, use)
  } catch (error) {
    // It is sent again only after a lock, a pause or a lost sign-in: a refusal at last is one of all of them.
    if (isSent && (error instanceof ZiaError || error instanceof AuthError)) record.refused()
    throw error
  }
}
