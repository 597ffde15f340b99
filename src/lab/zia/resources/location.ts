import { invalid } from '../reply.ts'
import { without, type Resource } from '../resource.ts'
import type { Body, Shape } from '../shape.ts'
import { byId, idsOf, type Configuration } from '../state.ts'

const FLAGS = [
  'authRequired',
  'basicAuthEnabled',
  'digestAuthEnabled',
  'kerberosAuth',
  'sslScanEnabled',
  'zappSslScanEnabled',
  'xffForwardEnabled',
  'surrogateIP',
  'surrogateIPEnforcedForKnownBrowsers',
  'ofwEnabled',
  'ipsControl',
  'aupEnabled',
  'cautionEnabled',
  'aupBlockInternetUntilAccepted',
  'aupForceSslInspection',
  'iotDiscoveryEnabled',
  'iotEnforcePolicySet',
  'otherSubLocation',
  'other6SubLocation',
  'ipv6Enabled',
  'geoOverride',
] as const

const NUMBERS = [
  'parentId',
  'upBandwidth',
  'dnBandwidth',
  'idleTimeInMinutes',
  'surrogateRefreshTimeInMinutes',
  'aupTimeoutInDays',
  'latitude',
  'longitude',
] as const

const GROUPS: Readonly<Record<string, { readonly id: number; readonly name: string }>> = {
  CORPORATE: { id: 24_326_827, name: 'Corporate User Traffic Group' },
  GUESTWIFI: { id: 24_326_828, name: 'Guest Wifi Group' },
  SERVER: { id: 24_326_829, name: 'Server Traffic Group' },
}

const shape: Shape = {
  id: 'number',
  name: 'text',
  description: 'text',
  country: 'text',
  state: 'text',
  language: 'text',
  tz: 'text',
  profile: ['NONE', 'CORPORATE', 'SERVER', 'GUESTWIFI', 'IOT', 'WORKLOAD', 'EXTRANET'],
  ipAddresses: 'texts',
  ports: 'any',
  vpnCredentials: 'references',
  managedBy: 'any',
  displayTimeUnit: 'text',
  surrogateRefreshTimeUnit: 'text',
  subLocScope: 'any',
  staticLocationGroups: 'references',
  dynamiclocationGroups: 'references',
  virtualZens: 'references',
  virtualZenClusters: 'references',
  ...Object.fromEntries(FLAGS.map((flag) => [flag, 'flag'] as const)),
  ...Object.fromEntries(NUMBERS.map((number) => [number, 'number'] as const)),
}

/** Locations, as recorded: PUT replaces the whole, what is left out goes back to the server's defaults. */
export const location: Resource = {
  noun: 'location',
  firstId: 158_900_001,
  latency: { GET: 500, POST: 4600, PUT: 5200, DELETE: 5400 },
  required: ['name'],
  shape,
  complete({ body }): Body {
    const profile = body['profile'] ?? chooseProfile(body)
    const group = typeof profile === 'string' ? GROUPS[profile] : undefined
    return {
      country: 'NONE',
      language: 'NONE',
      tz: 'NOT_SPECIFIED',
      ipAddresses: [],
      ...Object.fromEntries(FLAGS.map((flag) => [flag, false])),
      ...Object.fromEntries(NUMBERS.map((number) => [number, 0])),
      staticLocationGroups: [],
      ...body,
      profile,
      dynamiclocationGroups: group === undefined ? [] : [group],
    }
  },
  check({ body, staged }) {
    const unknown =
      missing(body['virtualZenClusters'], staged.virtualZenClusters) ??
      missing(body['virtualZens'], staged.virtualZenNodes)
    return unknown === undefined ? undefined : invalid(`Virtual ZEN ${unknown} does not exist`)
  },
  show: (stored, staged) => ({
    ...without(stored, ['virtualZens', 'virtualZenClusters']),
    ...bound('virtualZens', stored['virtualZens'], staged.virtualZenNodes),
    ...bound('virtualZenClusters', stored['virtualZenClusters'], staged.virtualZenClusters),
  }),
  echo: (stored) => without(stored, ['latitude', 'longitude', 'staticLocationGroups']),
  isListed: (stored) => stored['parentId'] === 0,
}

function chooseProfile(body: Body): string {
  if (body['authRequired'] === true) return 'CORPORATE'
  return /guest/i.test(String(body['name'])) ? 'GUESTWIFI' : 'SERVER'
}

function missing(references: unknown, objects: Configuration['locations']): number | undefined {
  return idsOf(references).find((id) => byId(objects, id) === undefined)
}

/** A binding shows only where there is one. */
function bound(key: string, references: unknown, objects: Configuration['locations']): Body {
  const named = idsOf(references).flatMap((id) => {
    const object = byId(objects, id)
    return object === undefined ? [] : [{ id, name: object.name }]
  })
  return named.length === 0 ? {} : { [key]: named }
}
