/** How one member of a cluster stands, as far as whoever rolls through the cluster has to know. */
export interface Standing {
  readonly node: string
  /**
   * `idle`: certainly serves nobody, so that nothing is lost while it is worked on. Where that is not certain, as with a node
   * that does not answer, it is `unhealthy`.
   */
  readonly state: 'healthy' | 'unhealthy' | 'idle'
  /** Whether the traffic of the cluster comes in through it, so that it goes last. */
  readonly leads: boolean
  /** What keeps it from being healthy, as clauses; none where it is. */
  readonly why: readonly string[]
}
