import type { ZiaEndpoint } from '../../model/endpoint.ts'
import { ConfigError } from '../../model/error.ts'

/** Where a tenant is reached; neither URL ends in a slash. */
export interface BaseUrls {
  /** The API's, with its prefix: paths such as `/status` are appended. */
  readonly api: string
  /** The token endpoint; none for the legacy sign-in. */
  readonly token: string | undefined
}

interface OneApiCloud {
  readonly api: string
  /** The domain below which the vanity names stand. */
  readonly login: string
}

const PRODUCTION: OneApiCloud = { api: 'api.zsapi.net', login: 'zslogin.net' }

const ONEAPI_CLOUDS: Readonly<Record<string, OneApiCloud>> = {
  zscaler: PRODUCTION,
  zscalerone: PRODUCTION,
  zscalertwo: PRODUCTION,
  zscalerthree: PRODUCTION,
  zscalerten: PRODUCTION,
  zscloud: PRODUCTION,
  zscalerbeta: { api: 'api.beta.zsapi.net', login: 'zsloginbeta.net' },
  zscalergov: { api: 'api.zscalergov.net', login: 'zidentitygov.net' },
  zscalergovus: { api: 'api.zscalergov.us', login: 'zidentitygov.us' },
}

/** Whether a tenant's URLs follow from its cloud and its sign-in. */
export function isKnownCloud({ cloud, login }: Pick<ZiaEndpoint, 'cloud' | 'login'>): boolean {
  return login.kind === 'legacy' || Object.hasOwn(ONEAPI_CLOUDS, cloud)
}

/** Works out a tenant's URLs from its cloud and sign-in, with what the inventory overrides. */
export function planBaseUrls({ cloud, apiUrl, tokenUrl, login }: ZiaEndpoint): BaseUrls {
  if (login.kind === 'legacy') {
    const host = cloud === 'zspreview' ? 'admin.zspreview.net' : `zsapi.${cloud}.net`
    return { api: trim(apiUrl ?? `https://${host}/api/v1`), token: undefined }
  }
  const known = ONEAPI_CLOUDS[cloud]
  const api = apiUrl ?? (known && `https://${known.api}/zia/api/v1`)
  const token = tokenUrl ?? (known && `https://${login.vanity}.${known.login}/oauth2/v1/token`)
  if (api === undefined || token === undefined) {
    throw new ConfigError(`nothing is known of OneAPI in the cloud “${cloud}”`, {
      hint: `name one of ${Object.keys(ONEAPI_CLOUDS).join(', ')}, or give both apiUrl and tokenUrl`,
    })
  }
  return { api: trim(api), token: trim(token) }
}

function trim(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'https:' || parsed.username !== '' || parsed.password !== '') {
    throw new ConfigError(`“${url}” is no https URL of an API`, {
      hint: 'write it like https://zsapi.zscalertwo.net/api/v1, without credentials',
    })
  }
  return url.replace(/\/+$/, '')
}
