/**
 * Whether everything is tried that can be, however long it takes: `RUNBOOK_THOROUGH=1`, as in CI. Without it a few tests try
 * fewer of the same kind, so that the suite ends within minutes on a small machine.
 */
export const IS_THOROUGH = process.env['RUNBOOK_THOROUGH'] === '1'
