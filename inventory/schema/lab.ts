import type { LabSeed, SeedDownload, SeedSubnet, SeedTenant } from '#sdk'

import { seedVCenters } from './lab-vcenters.ts'
import type { VseEstate } from './levels.ts'
import { networkOf } from './settings.ts'
import { listClusters, listNodes } from './walk.ts'

/** What the lab has to build so that an estate can be deployed in it. */
export function lab(estate: VseEstate): LabSeed {
  return {
    vcenters: seedVCenters(estate),
    tenants: [seedTenant(estate)],
    subnets: seedSubnets(estate),
    downloads: seedDownloads(estate),
    dialects: estate.appliance.dialects,
  }
}

/**
 * An estate as it is rehearsed: the lab's vCenters have certificates of its own, so that nobody's is pinned, and its image comes
 * from its own portal, so that nothing is fetched from a web server outside.
 */
export function rehearse(estate: VseEstate): VseEstate {
  return {
    ...estate,
    imageUrl: undefined,
    zia: { ...estate.zia, login: rehearseLogin(estate.zia.login) },
    sites: estate.sites.map((site) => ({ ...site, vcenter: { ...site.vcenter, thumbprint: undefined } })),
  }
}

/** What stands in for a private key in the lab is no key: an API client proves itself by it as by a secret there. */
function rehearseLogin(login: VseEstate['zia']['login']): VseEstate['zia']['login'] {
  if (login.kind === 'legacy' || login.privateKey === undefined) return login
  const { privateKey, ...rest } = login
  return { ...rest, clientSecret: privateKey }
}

/** Service Edge licences of the lab's tenant: a large customer's. */
const LICENCES = 1000

/** Id of the lab's organisation, where the inventory does not name one. */
const ORGANISATION = 24_100_000

function hostOfUrl(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).host
}

function seedTenant(estate: VseEstate): SeedTenant {
  const { cloud, tenant, apiUrl, tokenUrl, login } = estate.zia
  const clusters = listClusters(estate).map(({ cluster }) => cluster)
  const common = {
    cloud,
    // A tenant is shared: several inventories may be deployed in it, one after the other.
    licences: LICENCES,
    // Whoever names a tenant reaches the one of this name, by whichever of its three names.
    organisation:
      tenant === undefined ? undefined : { id: Number(tenant) || ORGANISATION, name: tenant, domain: tenant },
    locations: [
      ...new Set(
        clusters.filter(({ location }) => location.create === undefined).map((c) => c.location.name),
      ),
    ],
  }
  if (login.kind === 'legacy') {
    const { kind, username, password, apiKey } = login
    const apiHost = hostOfUrl(apiUrl) ?? `zsapi.${cloud}.net`
    return { ...common, apiHost, login: { kind, username, password, apiKey } }
  }
  const { kind, vanity, clientId, clientSecret, privateKey } = login
  return {
    ...common,
    apiHost: hostOfUrl(apiUrl) ?? 'api.zsapi.net',
    tokenHost: hostOfUrl(tokenUrl) ?? `${vanity}.zslogin.net`,
    login: { kind, clientId, clientSecret, privateKey },
  }
}

function seedSubnets(estate: VseEstate): readonly SeedSubnet[] {
  const subnets = new Map<string, SeedSubnet>()
  for (const scope of listClusters(estate)) {
    const { subnet: cidr, gateway, dns } = networkOf(scope)
    const known = subnets.get(cidr)?.dns ?? []
    subnets.set(cidr, { cidr, gateway, dns: [...new Set([...known, ...dns])] })
  }
  return [...subnets.values()]
}

function seedDownloads(estate: VseEstate): readonly SeedDownload[] {
  return [
    { kind: 'image', path: estate.image.path },
    ...listNodes(estate).map(({ node }): SeedDownload => ({
      kind: 'certificate',
      node: node.name,
      path: node.certificate.path,
    })),
  ]
}
