import { isFault, VimError } from '../error.ts'
import type { PropertyReader } from '../property.ts'
import type { AnyValue, MoRef } from '../schema/values.ts'
import type { Session } from '../session.ts'

/** What asking for licences and privileges needs. */
export interface Entitlement {
  readonly session: Session
  readonly properties: PropertyReader
  readonly signal: AbortSignal
}

/** Privileges on one object, such as `VApp.Import` on a resource pool. */
export interface Privileges {
  readonly entity: MoRef
  readonly privileges: readonly string[]
}

/** A licence of a server. */
export interface Licence {
  readonly name: string
  /** The edition in the server's own words: `esxBasic` is the free one, whose API only reads. */
  readonly edition: string
  /** Hours that an evaluation has left; undefined where it is none. */
  readonly hoursLeft: number | undefined
}

const numberIn = (value: AnyValue | undefined): number | undefined =>
  typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined

/**
 * Reads the licences that a server has; none where it does not show them to the user, who needs rights at the root of a vCenter for
 * that and for nothing else.
 */
export async function readLicences({ session, properties }: Entitlement): Promise<readonly Licence[]> {
  const { licenseManager } = session.content
  if (licenseManager === undefined) return []
  try {
    const { licenses, evaluation } = await properties.get('LicenseManager', licenseManager, [
      'licenses',
      'evaluation',
    ])
    const left = evaluation.properties.find(({ key }) => key === 'expirationHours')?.value
    return licenses.map(({ name, editionKey }) => ({
      name,
      edition: editionKey,
      hoursLeft: editionKey === 'eval' ? numberIn(left) : undefined,
    }))
  } catch (error) {
    if (isFault(error, 'NoPermission')) return []
    throw error
  }
}

/** Asks which of the wanted privileges the user lacks, all in one call, each with the object it is lacking on. */
export async function readMissingPrivileges(
  { session, properties, signal }: Entitlement,
  wanted: readonly Privileges[],
): Promise<readonly Privileges[]> {
  const { authorizationManager, sessionManager } = session.content
  if (authorizationManager === undefined || sessionManager === undefined) {
    throw new VimError('protocol', `${session.address.host} does not tell who may do what`)
  }
  const { currentSession } = await properties.get('SessionManager', sessionManager, ['currentSession'])
  if (currentSession === undefined) throw new VimError('protocol', 'the server does not know this session')
  const answers = await session.call('HasPrivilegeOnEntities', {
    self: authorizationManager,
    args: {
      entity: [...new Map(wanted.map(({ entity }) => [entity.value, entity])).values()],
      sessionId: currentSession.key,
      privId: [...new Set(wanted.flatMap(({ privileges }) => privileges))],
    },
    signal,
  })
  const granted = new Set(
    answers.flatMap(({ entity, privAvailability }) =>
      privAvailability.filter(({ isGranted }) => isGranted).map(({ privId }) => `${entity.value} ${privId}`),
    ),
  )
  return wanted
    .map(({ entity, privileges }) => ({
      entity,
      privileges: privileges.filter((privilege) => !granted.has(`${entity.value} ${privilege}`)),
    }))
    .filter(({ privileges }) => privileges.length > 0)
}

/** Asks what time it is there, in milliseconds since the epoch. */
export async function readServerTime({ session, signal }: Entitlement): Promise<number> {
  const self: MoRef = { type: 'ServiceInstance', value: 'ServiceInstance' }
  return Date.parse(await session.call('CurrentTime', { self, args: {}, signal }))
}
