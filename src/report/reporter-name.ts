/** Names of the reporters, as `--reporter` takes them. */
export const REPORTERS = ['tree', 'lines', 'json', 'junit', 'silent'] as const

export type ReporterName = (typeof REPORTERS)[number]
