/** A Service Edge instance as the cloud last activated it. */
export interface ActiveNode {
  readonly id: number
  readonly name: string
  readonly cloud: string
  readonly ipAddress: string
  readonly subnetMask: string
  readonly defaultGateway: string
  readonly loadBalancerIpAddress: string | undefined
  readonly deploymentMode: 'CLUSTER' | 'STANDALONE'
  readonly enabled: boolean
}

/** A cluster as the cloud last activated it. */
export interface ActiveCluster {
  readonly name: string
  readonly ipAddress: string
  readonly nodes: readonly ActiveNode[]
}

/** What an appliance can learn from the cloud it calls, with the certificate it has. */
export interface CloudView {
  /** The active instance that a certificate (by serial) was issued for; none while it is not activated. */
  nodeOf(serial: string): ActiveNode | undefined
  clusterOf(node: ActiveNode): ActiveCluster | undefined
  /** Whether an active firewall rule allows all these addresses as sources. */
  allows(addresses: readonly string[]): boolean
}
