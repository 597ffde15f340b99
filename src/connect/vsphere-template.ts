import { ModuleError } from '../model/error.ts'
import type { Progress } from '../model/progress.ts'
import { untilAborted } from './deadline.ts'
import { isFault, VimError } from './govmomi/error.ts'
import { findOnDatastore, type StoredMachine } from './govmomi/object/template.ts'
import type { MoRef } from './govmomi/schema/values.ts'
import type { Session } from './govmomi/session.ts'
import { nameTemplate, type TemplateIdentity } from './image-template-name.ts'
import { IMAGE_MARK, IMPORT_MARK } from './import-mark.ts'
import type { Ground } from './vsphere-ground.ts'
import { removeRests } from './vsphere-rests.ts'

/** A template that an image is kept as on a datastore. */
export interface TemplateOrder extends TemplateIdentity {
  readonly datastore: MoRef
  readonly onProgress: (progress: Progress) => void
  /** Imports the image under a name, with these settings. */
  readonly make: (
    name: string,
    settings: Readonly<Record<string, string>>,
    onProgress: TemplateOrder['onProgress'],
  ) => Promise<MoRef>
}

type Tell = TemplateOrder['onProgress']

/** How often somebody else may come in between before it is an error. */
const ATTEMPTS = 3

async function finish(ground: Ground, ref: MoRef, name: string): Promise<MoRef> {
  const { session, signal, runTask } = ground
  const spec = { extraConfig: [{ key: IMPORT_MARK, value: 'done' }] }
  const task = await session.call('ReconfigVM_Task', { self: ref, args: { spec }, signal })
  await runTask(task, `marking ${name} as imported`)
  return markAsTemplate(ground, ref)
}

// Another run that finds it finished may come in between: then it is what it is to be.
async function markAsTemplate({ session, properties, signal }: Ground, ref: MoRef): Promise<MoRef> {
  try {
    await session.call('MarkAsTemplate', { self: ref, args: {}, signal })
  } catch (error) {
    if (!(error instanceof VimError) || error.code !== 'fault') throw error
    const values = await properties.get('VirtualMachine', ref, ['config.template'])
    if (values['config.template'] !== true) throw error
  }
  return ref
}

// What another run has left or made is taken over by what is written in it: its marks, and whether it is a template yet.
async function adopt(
  ground: Ground,
  found: StoredMachine,
  { name, sha256, tell }: { readonly name: string; readonly sha256: string; readonly tell: Tell },
): Promise<MoRef | undefined> {
  const { ref, settings, isTemplate } = found
  const state = settings[IMPORT_MARK]
  if (settings[IMAGE_MARK] !== sha256 || (state !== 'done' && state !== 'importing')) {
    throw new ModuleError(`${name} is in the way: it is not the template of this image`, {
      hint: 'rename or remove it, or set imageTemplate: false in the placement',
    })
  }
  if (state === 'importing' && !isTemplate) {
    await removeRests(ground, ref, { what: name, onProgress: tell })
    return undefined
  }
  return isTemplate ? ref : markAsTemplate(ground, ref)
}

async function openTemplate(ground: Ground, order: TemplateOrder, tell: Tell): Promise<MoRef> {
  const name = nameTemplate(order)
  const settings = { [IMPORT_MARK]: 'importing', [IMAGE_MARK]: order.sha256 }
  for (let attempt = 1; ; attempt += 1) {
    const [found] = await findOnDatastore(ground.properties, order.datastore, name)
    const adopted =
      found === undefined ? undefined : await adopt(ground, found, { name, sha256: order.sha256, tell })
    if (adopted !== undefined) return adopted
    try {
      return await finish(ground, await order.make(name, settings, tell), name)
    } catch (error) {
      // Another run was quicker: what it has made is as good as ours.
      if (attempt >= ATTEMPTS || !isFault(error, 'DuplicateName')) throw error
    }
  }
}

interface Making {
  readonly ref: Promise<MoRef>
  readonly signal: AbortSignal
  readonly listeners: Set<Tell>
}

const shelves = new WeakMap<Session, Map<string, Making>>()

function shelfOf(session: Session): Map<string, Making> {
  const shelf = shelves.get(session) ?? new Map<string, Making>()
  shelves.set(session, shelf)
  return shelf
}

const keyOf = ({ datastore, sha256, thin }: TemplateOrder): string =>
  `${datastore.value} ${sha256} ${thin ? 'thin' : 'thick'}`

/** Forgets a template that has turned out to be gone. */
export function forgetTemplate({ session }: Ground, order: TemplateOrder): void {
  shelfOf(session).delete(keyOf(order))
}

/**
 * The template that keeps an image on a datastore: the one that is there, or one that is made now. However many ask for it at
 * once in a session, it is made once, and all of them see how far it is. When the one who makes it is stopped, the next one
 * takes over.
 */
export async function takeTemplate(ground: Ground, order: TemplateOrder): Promise<MoRef> {
  const { session, signal } = ground
  const shelf = shelfOf(session)
  const key = keyOf(order)
  for (;;) {
    const known = shelf.get(key)
    if (known === undefined) {
      const listeners = new Set([order.onProgress])
      const tell: Tell = (progress) => {
        for (const listener of listeners) listener(progress)
      }
      const ref = openTemplate(ground, order, tell)
      shelf.set(key, { ref, signal, listeners })
      try {
        return await ref
      } catch (error) {
        if (shelf.get(key)?.ref === ref) shelf.delete(key)
        throw explain(error)
      }
    }
    known.listeners.add(order.onProgress)
    try {
      return await untilAborted(known.ref, signal)
    } catch (error) {
      if (signal.aborted || !known.signal.aborted) throw explain(error)
      if (shelf.get(key) === known) shelf.delete(key)
    } finally {
      known.listeners.delete(order.onProgress)
    }
  }
}

function explain(error: unknown): unknown {
  if (!isFault(error, 'NoPermission')) return error
  const { code, message, hint, fault } = error
  const without = 'or set imageTemplate: false in the placement, to upload the image for each machine'
  return new VimError(code, message, { hint: `${hint ?? ''}, ${without}`, cause: error, fault })
}
