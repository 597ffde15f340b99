import type { Caller } from './client.ts'
import { isFault } from './error.ts'
import type { Input, MoRef, Value } from './schema/values.ts'

/** What is asked of a property collector. */
export interface Retrieval {
  readonly collector: MoRef
  readonly spec: Input<'PropertyFilterSpec'>
  readonly signal: AbortSignal
  /** The most objects in one answer; as many as the server likes where absent, which may be no more than a hundred. */
  readonly pageSize?: number | undefined
}

/** Milliseconds that a server is given to forget an answer that nobody reads to its end. */
const GOODBYE = 5000

async function readOn(
  caller: Caller,
  token: string,
  { collector: self, signal }: Retrieval,
): Promise<Value<'RetrieveResult'>> {
  try {
    return await caller.call('ContinueRetrievePropertiesEx', { self, args: { token }, signal })
  } catch (error) {
    // What is left of the answer would stay on the server until the session ends.
    const late = AbortSignal.timeout(GOODBYE)
    await caller
      .call('CancelRetrievePropertiesEx', { self, args: { token }, signal: late })
      .catch(() => undefined)
    throw error
  }
}

/** Asks a property collector, and reads its answer to the end, however many pages the server makes of it. */
export async function retrieve(
  caller: Caller,
  retrieval: Retrieval,
): Promise<readonly Value<'ObjectContent'>[]> {
  const { collector: self, spec, signal, pageSize: maxObjects } = retrieval
  const args = { specSet: [spec], options: { maxObjects } }
  for (let restarts = 0; ; restarts += 1) {
    const contents: Value<'ObjectContent'>[] = []
    try {
      let page = await caller.call('RetrievePropertiesEx', { self, args, signal })
      while (page !== undefined) {
        contents.push(...page.objects)
        page = page.token === undefined ? undefined : await readOn(caller, page.token, retrieval)
      }
      return contents
    } catch (error) {
      if (contents.length === 0) throw error
      // From 7.0.3 to 8.0.2, a vCenter shows further pages only to who has a role on its root folder. The way from before
      // there were pages asks for none.
      if (isFault(error, 'NoPermission')) {
        return caller.call('RetrieveProperties', { self, args: { specSet: [spec] }, signal })
      }
      // A login in the middle of an answer: the server knows nothing of its other half any more.
      if (restarts > 0 || !isFault(error, 'InvalidArgument')) throw error
    }
  }
}
