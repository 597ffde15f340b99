import { VimError } from '../error.ts'
import type { MoRef } from '../schema/values.ts'
import type { Session } from '../session.ts'
import { waitForTask } from '../task.ts'
import type { Watcher } from '../watch.ts'

/** Whose screen, and where its files are. */
export interface ScreenshotOf {
  readonly machine: MoRef
  /** The machine's name or path, for messages. */
  readonly name: string
  /** Inventory path of the datacenter, as the download wants it. */
  readonly datacenterPath: string
  readonly datacenter: MoRef | undefined
  readonly signal: AbortSignal
}

/** Milliseconds that a server is given to remove a picture, also when nobody waits for it any more. */
const TIDYING = 30_000

/** A datastore's name and the path of a file on it, out of `[ssd 1] edge 01/edge 01-1.png`; both may have blanks. */
export function parseDatastorePath(
  text: string,
): { readonly datastore: string; readonly path: string } | undefined {
  const [, datastore, path] = /^\[([^\]]+)\] ?(.+)$/.exec(text) ?? []
  return datastore === undefined || path === undefined ? undefined : { datastore, path }
}

async function remove(
  { session, watcher }: { readonly session: Session; readonly watcher: Watcher },
  { file, datacenter }: { readonly file: string; readonly datacenter: MoRef | undefined },
): Promise<void> {
  const self = session.content.fileManager
  if (self === undefined) return
  const signal = AbortSignal.timeout(TIDYING)
  const task = await session.call('DeleteDatastoreFile_Task', {
    self,
    args: { name: file, datacenter },
    signal,
  })
  await waitForTask({ session, watcher }, task, { signal, what: `removing ${file}` })
}

async function fetchFile(
  session: Session,
  {
    datastore,
    path,
    datacenterPath,
    signal,
  }: { readonly datastore: string; readonly path: string } & Pick<ScreenshotOf, 'datacenterPath' | 'signal'>,
): Promise<Buffer> {
  const folders = path.split('/').map(encodeURIComponent).join('/')
  const query = new URLSearchParams({ dcPath: datacenterPath, dsName: datastore })
  const { status, body } = await session.fetch(`/folder/${folders}?${query.toString()}`, { signal })
  if (status === 200) return body
  throw new VimError('protocol', `[${datastore}] ${path} could not be fetched: HTTP ${status}`, {
    hint: 'the user needs the privilege Datastore.Browse on the datastore',
  })
}

/**
 * Has the server take a picture of a machine's screen, fetches it from the datastore and removes it there, whatever happens.
 * Slower than `/screen`, but documented.
 */
export async function takeScreenshot(
  hands: { readonly session: Session; readonly watcher: Watcher },
  { machine, name, datacenterPath, datacenter, signal }: ScreenshotOf,
): Promise<Buffer> {
  const { session } = hands
  const task = await session.call('CreateScreenshot_Task', { self: machine, args: {}, signal })
  const file = await waitForTask(hands, task, { signal, what: `taking a picture of the screen of ${name}` })
  const place = typeof file === 'string' ? parseDatastorePath(file) : undefined
  if (typeof file !== 'string' || place === undefined) {
    throw new VimError('protocol', `the picture of the screen of ${name} is at no place on a datastore`)
  }
  const removal = { file, datacenter }
  let picture: Buffer
  try {
    picture = await fetchFile(session, { ...place, datacenterPath, signal })
  } catch (error) {
    // What went wrong first is what is told.
    await remove(hands, removal).catch(() => undefined)
    throw error
  }
  await remove(hands, removal)
  return picture
}
