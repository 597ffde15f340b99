import { ConnectError } from '../../model/error.ts'
import type { ConsoleMachine } from './machine.ts'

/** What went wrong on a screen, in words. */
interface Trouble {
  readonly message: string
  readonly hint: string
  readonly cause?: unknown
}

/** The error of a console that does not show what it should. The picture that was looked at last is kept, and named. */
export async function withPicture(
  { reader, evidence }: Pick<ConsoleMachine, 'reader' | 'evidence'>,
  { message, hint, cause }: Trouble,
): Promise<ConnectError> {
  const picture = reader.picture()
  // That the picture cannot be kept must not hide what it would have shown.
  const path = picture === undefined ? undefined : await evidence?.seen(picture).catch(() => undefined)
  const details = { hint: path === undefined ? hint : `${hint}; the picture is ${path}` }
  return new ConnectError('protocol', message, cause === undefined ? details : { ...details, cause })
}
