import { z } from 'zod'

// What the client knows of each resource. Servers add fields at will: what is not named here is kept and sent back.

const id = z.number().int()
const text = z.string().nullish()
const flag = z.boolean().nullish()
/** Something that another object refers to by id. */
const reference = z.object({ id, name: text }).loose()

const zenNode = z.object({
  id,
  name: z.string(),
  status: text,
  inProduction: flag,
  ipAddress: text,
  subnetMask: text,
  defaultGateway: text,
  loadBalancerIpAddress: text,
  deploymentMode: text,
  clusterName: text,
})

const zenCluster = z.object({
  id,
  name: z.string(),
  status: text,
  type: text,
  ipAddress: text,
  subnetMask: text,
  defaultGateway: text,
  ipSecEnabled: flag,
  virtualZenNodes: z.array(reference).nullish(),
})

const location = z.object({
  id,
  name: z.string(),
  parentId: z.number().int().nullish(),
  country: text,
  tz: text,
  ofwEnabled: flag,
  virtualZens: z.array(reference).nullish(),
  virtualZenClusters: z.array(reference).nullish(),
})

const firewallRule = z.object({
  id,
  name: z.string(),
  description: text,
  order: z.number().int().nullish(),
  rank: z.number().int().nullish(),
  action: text,
  state: text,
  enableFullLogging: flag,
  srcIps: z.array(z.string()).nullish(),
  srcIpGroups: z.array(reference).nullish(),
})

const sourceGroup = z.object({
  id,
  name: z.string(),
  description: text,
  ipAddresses: z.array(z.string()).nullish(),
})

/** A bought product of a tenant; the list of them cannot be written. */
export const subscriptionSchema = z.object({
  id: z.string(),
  status: text,
  sku: text,
  licenses: z.number().nullish(),
  /** Seconds since the epoch. */
  endDate: z.number().nullish(),
  subscribed: flag,
})

/** The state of a tenant's configuration: `PENDING` while edits wait for an activation. */
export const statusSchema = z.object({ status: z.enum(['ACTIVE', 'PENDING', 'INPROGRESS']) })

/** Whose tenant it is, and in which cloud. */
export const organisationSchema = z.object({
  orgId: z.number().int().nullish(),
  name: text,
  cloudName: text,
  domains: z.array(z.string()).nullish(),
})

export type Organisation = Readonly<z.output<typeof organisationSchema>>
export type Subscription = Readonly<z.output<typeof subscriptionSchema>>
export type ActivationStatus = z.output<typeof statusSchema>['status']

/** The objects of a tenant by the name of their resource: what can be listed, found, created, updated and removed. */
export interface ZiaObjects {
  readonly virtualZenNodes: Readonly<z.output<typeof zenNode>>
  readonly virtualZenClusters: Readonly<z.output<typeof zenCluster>>
  readonly locations: Readonly<z.output<typeof location>>
  readonly firewallFilteringRules: Readonly<z.output<typeof firewallRule>>
  readonly ipSourceGroups: Readonly<z.output<typeof sourceGroup>>
}

export type ZiaKind = keyof ZiaObjects

/** The fields that a write sets; every other field of the object stays as it is. */
export type ZiaFields<K extends ZiaKind> = Partial<Omit<ZiaObjects[K], 'id'>> &
  Readonly<Record<string, unknown>>

interface Resource {
  readonly schema: z.ZodType
  /** What one object is called in messages. */
  readonly noun: string
  /** Objects a page, as large as the endpoint takes. */
  readonly pageSize: number
  /** Fields that the server owns and refuses, or that would make a full replace fail. */
  readonly owned: readonly string[]
  /** A field that the server stamps at every change and compares where it is sent back: it refuses what is out of date. */
  readonly stamp?: string
  /** Lists of references that a tenant may take and forget, with what the Admin Portal calls them. */
  readonly bindings?: Readonly<Record<string, string>>
  /** Milliseconds that a replacement usually takes. */
  readonly usual: number
}

/** What the client has to know of each resource to read and replace it. */
export const RESOURCES: Readonly<Record<ZiaKind, Resource>> = {
  virtualZenNodes: {
    schema: zenNode.loose(),
    noun: 'Virtual Service Edge',
    pageSize: 1000,
    owned: ['id', 'zgatewayId', 'clusterName'],
    usual: 2000,
  },
  virtualZenClusters: {
    schema: zenCluster.loose(),
    noun: 'Virtual Service Edge cluster',
    pageSize: 1000,
    owned: ['id', 'zgatewayId'],
    usual: 2000,
  },
  locations: {
    schema: location.loose(),
    noun: 'location',
    pageSize: 1000,
    // Dynamic groups follow from the profile; the server computes them.
    owned: ['id', 'dynamiclocationGroups'],
    bindings: {
      virtualZens: 'Virtual Service Edges',
      virtualZenClusters: 'Virtual Service Edge Clusters',
    },
    usual: 5300,
  },
  firewallFilteringRules: {
    schema: firewallRule.loose(),
    noun: 'firewall filtering rule',
    pageSize: 5000,
    owned: [
      'id',
      'accessControl',
      'predefined',
      'defaultRule',
      'lastModifiedTime',
      'lastModifiedBy',
      'isEunEnabled',
      'eunTemplateId',
      'capturePCAP',
      'excludeContextShieldEndPoint',
    ],
    stamp: 'lastModifiedTime',
    usual: 4100,
  },
  ipSourceGroups: {
    schema: sourceGroup.loose(),
    noun: 'IP source group',
    pageSize: 1000,
    owned: ['id', 'creatorContext', 'isNonEditable', 'extranetIpPool'],
    usual: 2000,
  },
}

/** Every kind. */
export const KINDS = Object.keys(RESOURCES) as readonly ZiaKind[]
