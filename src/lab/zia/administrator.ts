import type { Clock } from '../../model/clock.ts'
import { ModuleError } from '../../model/error.ts'
import type { Document } from '../../state/document-store.ts'
import type { Activation } from './activation.ts'
import type { EditLock } from './edit-lock.ts'
import { RESOURCE_OF } from './kinds.ts'
import { answerObjects, type ObjectRequest } from './objects.ts'
import { refuse, type Reply } from './reply.ts'
import { without, type TenantRules } from './resource.ts'
import type { Body } from './shape.ts'
import type { Kind, Stored, TenantState } from './state.ts'

/** A person who works on the tenant in the Admin Portal, at the same time as a run. */
export interface Administrator {
  readonly name: string
  /** Takes the tenant's edit lock as a long save in the portal does, and gives the way to release it. */
  holdLock(): Promise<() => void>
  /** Adds an object, and gives its id. */
  create(kind: Kind, fields: Body & { readonly name: string }): Promise<number>
  /** Changes fields of the object of exactly this name, and leaves all others as they are. */
  edit(kind: Kind, name: string, fields: Body): Promise<void>
  remove(kind: Kind, name: string): Promise<void>
  /** Activates everything that is staged, whoever staged it. */
  activate(): Promise<void>
}

/** Who the person is. */
export interface AdministratorOptions {
  readonly name: string
  /** Whether the edits are held open in the portal until `activate`, so that the activations of others wait; no where absent. */
  readonly holdsEditsOpen?: boolean | undefined
}

/** What a person in the portal works with. */
export interface PortalParts {
  readonly document: Document<TenantState>
  readonly clock: Clock
  readonly lock: EditLock
  readonly activation: Activation
  /** What the tenant has bought decides what it takes. */
  readonly rules: () => TenantRules
  readonly signal: AbortSignal
}

/** Lets a person work in the portal. Every edit waits for the edit lock, and is staged and on disk when its promise resolves. */
export function createAdministrator(
  { name, holdsEditsOpen = false }: AdministratorOptions,
  parts: PortalParts,
): Administrator {
  const { document, clock, lock, activation, rules, signal } = parts

  async function holdLock(): Promise<() => void> {
    const release = await lock.take(signal)
    if (release !== undefined) return release
    throw refusal(name, { status: 409, body: { code: 'EDIT_LOCK_NOT_AVAILABLE' } })
  }

  function find(kind: Kind, wanted: string): Stored {
    const found = document.value.staged[kind].find((object) => object.name === wanted)
    if (found !== undefined) return found
    throw refusal(name, refuse(404, 'RESOURCE_NOT_FOUND', `${RESOURCE_OF[kind].noun} ${wanted}`))
  }

  async function write(plan: () => Pick<ObjectRequest, 'kind' | 'method' | 'id' | 'body'>): Promise<Reply> {
    const release = await holdLock()
    try {
      const request = {
        ...plan(),
        query: new URLSearchParams(),
        now: clock.now(),
        editor: name,
        rules: rules(),
      }
      const reply = answerObjects(document.value, request)
      if (reply.status >= 300) throw refusal(name, reply)
      document.value.pending = true
      if (holdsEditsOpen) document.value.editors = [...new Set([...document.value.editors, name])]
      await document.save()
      return reply
    } finally {
      release()
    }
  }

  return {
    name,
    holdLock,
    async create(kind, fields) {
      const { body } = await write(() => ({ kind, method: 'POST', body: fields }))
      return (body as { readonly id: number }).id
    },
    async edit(kind, wanted, fields) {
      await write(() => {
        const found = find(kind, wanted)
        return { kind, method: 'PUT', id: found.id, body: { ...writable(kind, found), ...fields } }
      })
    },
    async remove(kind, wanted) {
      await write(() => ({ kind, method: 'DELETE', id: find(kind, wanted).id, body: undefined }))
    },
    async activate() {
      activation.ask(name, { request: 'POST /status/activate', isEdit: true })
      await document.save()
    },
  }
}

/** An object as a client may send it back: without what the server alone may say. */
export function writable(kind: Kind, object: Stored): Body {
  const { shape } = RESOURCE_OF[kind]
  const foreign = Object.keys(object).filter((key) => !Object.hasOwn(shape, key))
  return without(object, [...foreign, 'lastModifiedTime', 'lastModifiedBy'])
}

function refusal(name: string, { status, body }: Reply): ModuleError {
  return new ModuleError(`the lab’s tenant refused ${name} with ${status} ${JSON.stringify(body)}`)
}
