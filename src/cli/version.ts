declare const RUNBOOK_VERSION: string

/** The engine's version; the build puts it in. */
export const VERSION: string = RUNBOOK_VERSION
