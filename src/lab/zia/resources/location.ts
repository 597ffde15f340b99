import { invalid, type Reply } from '../reply.ts'
import { without, type Placing, type Resource } from '../resource.ts'
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
  'nonEditable',
  'ecLocation',
  'bcLocation',
  'ccLocation',
  'cookiesAndProxy',
  'jwtAuth',
  'matchInChild',
  'excludeFromDynamicGroups',
  'excludeFromManualGroups',
  'defaultExtranetTsPool',
  'defaultExtranetDns',
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
  'childCount',
] as const

/** What GET shows and an echo does not. */
const NOT_ECHOED = [
  'latitude',
  'longitude',
  'staticLocationGroups',
  'extranet',
  'extranetIpPool',
  'extranetDns',
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
  subLocScopeEnabled: 'flag',
  extranet: 'any',
  extranetIpPool: 'any',
  extranetDns: 'any',
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
  latency: { GET: 550, POST: 4580, PUT: 5210, DELETE: 5380 },
  pages: { size: 100, most: 1000 },
  most: 32_000,
  searched: ({ ports }) => (Array.isArray(ports) ? ports.join(' ') : ''),
  required: ['name'],
  shape,
  complete({ body }): Body {
    const profile = body['profile'] ?? chooseProfile(body)
    const group = typeof profile === 'string' ? GROUPS[profile] : undefined
    return {
      country: 'NONE',
      language: 'NONE',
      tz: 'NOT_SPECIFIED',
      ...Object.fromEntries(FLAGS.map((flag) => [flag, false])),
      staticLocationGroups: [],
      extranet: { id: 0 },
      extranetIpPool: { id: 0 },
      extranetDns: { id: 0 },
      ...body,
      // What was sent as text comes back as a number.
      ...Object.fromEntries(NUMBERS.map((key) => [key, Number(body[key] ?? 0)])),
      profile,
      dynamiclocationGroups: group === undefined ? [] : [group],
    }
  },
  check: (placing) => checkSource(placing) ?? checkBinding(placing),
  below: (stored, { locations }) =>
    locations.filter((one) => one['parentId'] === stored.id).map(({ id }) => id),
  show: (stored, staged) => ({
    ...without(stored, ['virtualZens', 'virtualZenClusters']),
    childCount: staged.locations.filter((one) => one['parentId'] === stored.id).length,
    ...bound('virtualZens', stored['virtualZens'], staged.virtualZenNodes),
    ...bound('virtualZenClusters', stored['virtualZenClusters'], staged.virtualZenClusters),
  }),
  echo: (stored) => without(stored, NOT_ECHOED),
  isListed: (stored) => stored['parentId'] === 0,
}

function chooseProfile(body: Body): string {
  if (body['authRequired'] === true) return 'CORPORATE'
  return /guest/i.test(String(body['name'])) ? 'GUESTWIFI' : 'SERVER'
}

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0

function checkSource({ body, rules }: Placing): Reply | undefined {
  const sources = ['ipAddresses', 'vpnCredentials', 'virtualZens', 'virtualZenClusters'] as const
  if (!rules.wantsSource || sources.some((key) => isFilled(body[key]))) return undefined
  return invalid('Location needs an IP address, a VPN credential or a Virtual Service Edge')
}

function checkBinding({ body, staged, rules }: Placing): Reply | undefined {
  if (!rules.isPlausible) return undefined
  const unknown =
    missing(body['virtualZenClusters'], staged.virtualZenClusters) ??
    missing(body['virtualZens'], staged.virtualZenNodes)
  return unknown === undefined ? undefined : invalid(`Virtual ZEN ${unknown} does not exist`)
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
