import { ModuleError } from '../model/error.ts'
import { openArchive, openOva, type Ova } from './govmomi/ovf/ova.ts'
import { showUrl } from './govmomi/ovf/show-url.ts'
import { openTarArchive } from './govmomi/ovf/tar-archive.ts'
import { openUrlSource } from './govmomi/ovf/url-source.ts'
import { hashAlong } from './govmomi/ovf/whole-hash.ts'
import type { Session } from './govmomi/session.ts'
import { parseThumbprint } from './govmomi/thumbprint.ts'

/** An image by where it is. */
export interface ImageRef {
  /** Absolute path, or an http or https URL. */
  readonly image: string
  /** Lower-case SHA-256 of the whole file; a URL needs it. */
  readonly sha256?: string | undefined
  /** The web server's certificate, where no root vouches for it. */
  readonly thumbprint?: string | undefined
}

/** Whether an image is somewhere on the network. */
export const isUrl = (image: string): boolean => /^https?:\/\//i.test(image)

/** Reads an image's file in some way; one that is not there, or may not be read, is an error that says what to do. */
export async function readFileOf<T>(path: string, read: (path: string) => Promise<T>): Promise<T> {
  try {
    return await read(path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') {
      throw new ModuleError(`the image ${path} is not there`, {
        hint: 'put it there: `--tags image` is step 3 of the procedure, which asks for it and says where it is downloaded',
        cause,
      })
    }
    if (code !== 'EACCES') throw cause
    throw new ModuleError(`the image ${path} must not be read`, { hint: 'check its rights', cause })
  }
}

/** The name of an image's file. */
export function nameImage(image: string): string {
  return (isUrl(image) ? showUrl(image) : image).replace(/^.*[\\/]/, '')
}

/** The SHA-256 that an image behind a URL has to have. Throws where nothing says. */
export function demandHash({ image, sha256 }: Pick<ImageRef, 'image' | 'sha256'>): string {
  if (sha256 !== undefined) return sha256
  throw new ModuleError(`nothing says what the image at ${showUrl(image)} has to be`, {
    hint: 'give its SHA-256 beside the URL',
  })
}

/** Opens an image, from the file system or over the session's network. */
export async function openImage(
  session: Session,
  { image, sha256, thumbprint }: ImageRef,
  signal: AbortSignal,
): Promise<Ova> {
  if (!isUrl(image)) return readFileOf(image, openOva)
  const expected = demandHash({ image, sha256 })
  const trust = {
    trusted: session.trust.trusted,
    thumbprint: thumbprint === undefined ? undefined : parseThumbprint(thumbprint),
  }
  const { dial, sleep } = session
  const source = await openUrlSource(image, { dial, sleep, trust, signal })
  const whole = hashAlong(source, expected)
  const archive = await openTarArchive(whole, { signal })
  const { origin } = source
  return openArchive(
    {
      ...archive,
      // Without TLS only reading all of it here tells whether it is the image that was wanted.
      ...(origin.thumbprint === undefined ? {} : { origin }),
      finish: (until) => whole.finish(until),
    },
    { signal },
  )
}
