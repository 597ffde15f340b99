import type { ZiaEndpoint } from '../../model/endpoint.ts'
import { ConfigError } from '../../model/error.ts'
import { isKnownCloud } from './base-url.ts'
import type { Caller } from './call.ts'
import { ZiaError } from './error.ts'
import { parseAs } from './reader.ts'
import { organisationSchema, type Organisation } from './resource.ts'
import type { ZiaUse } from './session.ts'

/** Asks whose tenant this is; nothing where the API's administrator may not know. */
export async function readOrganisation(call: Caller, use: ZiaUse): Promise<Organisation | undefined> {
  const path = '/orgInformation/lite'
  try {
    const body = await call({ method: 'GET', path }, use)
    return parseAs(organisationSchema, { body, path })
  } catch (error) {
    if (error instanceof ZiaError && (error.status === 403 || error.status === 404)) return undefined
    throw error
  }
}

/** Refuses a tenant that is not the one the inventory names, by a `ConfigError` that says which one was reached. */
export function checkTenant(
  { cloud, tenant, login }: ZiaEndpoint,
  organisation: Organisation | undefined,
): void {
  if (organisation === undefined) {
    if (tenant === undefined) return
    throw new ConfigError(
      `nobody can tell whether this is the ZIA tenant ${tenant}: ZIA does not say whose it is`,
      {
        hint: 'give the API’s administrator a role that may see the organisation, or take `tenant` out of the inventory',
      },
    )
  }
  const { name, orgId, domains, cloudName } = organisation
  const reached = `the ZIA tenant of ${name ?? 'nobody'} (id ${orgId ?? 'unknown'}) in ${cloudName ?? 'an unknown cloud'}`
  if (cloudName && bare(cloudName) !== bare(cloud)) {
    const right = bare(cloudName)
    const urls = isKnownCloud({ cloud: right, login }) ? '' : ', and give both apiUrl and tokenUrl'
    throw new ConfigError(
      `the inventory names the cloud ${cloud}, and these credentials lead to ${reached}`,
      {
        hint: `if that is the tenant you mean, write cloud: '${right}'${urls}`,
      },
    )
  }
  const names = [name, String(orgId ?? ''), ...(domains ?? [])].map((one) => (one ?? '').toLowerCase())
  if (tenant === undefined || names.includes(tenant.toLowerCase())) return
  throw new ConfigError(
    `the inventory names the tenant ${tenant}, and these credentials lead to ${reached}`,
    {
      hint: 'correct `tenant` (the organisation’s name, one of its domains, or its id), or use the other tenant’s credentials',
    },
  )
}

/** `zscalertwo` of `zscalertwo.net`; of the two clouds called zscalergov, the one below `.us` is zscalergovus. */
function bare(cloud: string): string {
  const lower = cloud.toLowerCase()
  return lower === 'zscalergov.us' ? 'zscalergovus' : lower.replace(/\.net$/, '')
}
