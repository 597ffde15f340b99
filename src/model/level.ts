/** The levels of an inventory, from the root down. A phase runs per one of them. */
export const LEVELS = ['estate', 'site', 'cluster', 'node'] as const

export type Level = (typeof LEVELS)[number]
