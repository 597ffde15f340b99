import { isFault, VimError } from '../error.ts'
import { createPropertyReader } from '../property.ts'
import type { Input, MoRef } from '../schema/values.ts'
import type { Session } from '../session.ts'
import { waitForTask } from '../task.ts'
import type { Watcher } from '../watch.ts'
import { findDeviceUrl, type Delivery } from './send-files.ts'
import { hideQuery, showUrl } from './show-url.ts'

/** Seconds that a server is given to find out whether it reaches a URL. */
const PROBE = 30

const isFaultOf = (error: unknown): error is VimError => error instanceof VimError && error.code === 'fault'

// Servers before 6.7 do not know the property at all.
async function canPull(session: Session, { lease, signal }: Delivery): Promise<boolean> {
  const collector = session.content.propertyCollector
  try {
    const properties = createPropertyReader(session, { collector, signal })
    const { capabilities } = await properties.get('HttpNfcLease', lease.ref, ['capabilities'])
    return capabilities.pullModeSupported
  } catch (error) {
    if (isFaultOf(error)) return false
    throw error
  }
}

// Servers before 7.0.2 cannot be asked; they find out when they try.
async function canReach(
  session: Session,
  files: readonly Input<'HttpNfcLeaseSourceFile'>[],
  { lease, signal }: Delivery,
): Promise<boolean> {
  try {
    const args = { files, timeout: PROBE }
    const results = await session.call('HttpNfcLeaseProbeUrls', { self: lease.ref, args, signal })
    return results.every(({ serverAccessible }) => serverAccessible)
  } catch (error) {
    if (isFaultOf(error)) return true
    throw error
  }
}

/**
 * Has the server fetch the files of an image from its URL by itself, so that they do not pass through here. Gives false, and
 * changes nothing, where it cannot: the image is a file, the server is too old, or does not reach the URL.
 */
export async function pullFiles(
  { session, watcher }: { readonly session: Session; readonly watcher: Watcher },
  delivery: Delivery,
): Promise<boolean> {
  const { ova, files, lease, signal, onProgress, onWarning } = delivery
  const { origin } = ova
  if (origin === undefined || !(await canPull(session, delivery))) return false
  const sources = files.map((file): Input<'HttpNfcLeaseSourceFile'> => ({
    targetDeviceId: findDeviceUrl(lease, file).importKey,
    url: origin.url,
    memberName: file.path,
    create: file.create,
    sslThumbprint: origin.thumbprint,
    size: BigInt(ova.member(file.path).size),
  }))
  if (!(await canReach(session, sources, delivery))) {
    onWarning?.(
      `${session.address.host} does not reach ${showUrl(origin.url)}: the image passes through here`,
    )
    return false
  }
  const total = files.reduce((sum, { path }) => sum + ova.member(path).size, 0)
  const task = await beginPull(session, sources, delivery)
  if (task === undefined) return false
  try {
    await waitForTask({ session, watcher }, task, {
      signal,
      what: `fetching ${showUrl(origin.url)}`,
      onProgress(percent) {
        lease.report(percent)
        onProgress?.(Math.floor((total * percent) / 100), total)
      },
    })
  } catch (error) {
    throw withoutQuery(error, origin.url)
  }
  return true
}

// To have it fetched takes a privilege of its own, and to send it from here none: whoever lacks it is no worse off.
async function beginPull(
  session: Session,
  files: readonly Input<'HttpNfcLeaseSourceFile'>[],
  { lease, signal, onWarning }: Delivery,
): Promise<MoRef | undefined> {
  const { ref: self } = lease
  try {
    return await session.call('HttpNfcLeasePullFromUrls_Task', { self, args: { files }, signal })
  } catch (error) {
    if (!isFault(error, 'NoPermission')) throw error
    onWarning?.(
      `the user lacks the privilege VApp.PullFromUrls, with which ${session.address.host} would fetch the image itself: it passes through here`,
    )
    return undefined
  }
}

// The server may say the URL again; then its fault does, too, and is left out.
function withoutQuery(error: unknown, url: string): unknown {
  if (!(error instanceof VimError)) return error
  const { code, message, hint } = error
  const shown = hideQuery(message, url)
  return shown === message ? error : new VimError(code, shown, { hint })
}
