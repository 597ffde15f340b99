import type { Event, StepFinished, StepRef, Unstamped } from '../../../src/model/event.ts'
import type { Counters, Recap } from '../../../src/model/outcome.ts'

const START = Date.UTC(2026, 0, 2, 3, 4, 5)

/** Stamps events one second apart, as a clock would. */
export function stamp(events: readonly Unstamped[]): readonly Event[] {
  return events.map((event, index) => ({ ...event, time: START + index * 1000 }))
}

export const ZERO: Counters = {
  ok: 0,
  changed: 0,
  unreachable: 0,
  failed: 0,
  skipped: 0,
  rescued: 0,
  ignored: 0,
}

const network: StepRef = {
  step: '7/the-network-is-configured',
  name: 'The network is configured',
  phase: '7',
}
const certificate: StepRef = {
  step: '8/the-certificate-is-installed',
  name: 'The certificate is installed',
  phase: '8',
}

function finished(
  ref: StepRef,
  target: string,
  rest: Partial<StepFinished> & Pick<StepFinished, 'outcome'>,
): Unstamped {
  return { type: 'step.finished', ...ref, target, duration: 2100, changes: [], ...rest }
}

const recap: Recap = {
  targets: [
    { target: 'lab-1', ...ZERO },
    { target: 'lab-1-a', ...ZERO, ok: 2, changed: 1 },
    { target: 'lab-1-b-long', ...ZERO, ok: 1, failed: 1, skipped: 1 },
  ],
  exitCode: 2,
}

/** One cluster of two nodes, two phases; something changed, something uploaded, something failed. */
export const smallRun: readonly Event[] = stamp([
  {
    type: 'run.started',
    run: 'r1',
    runbook: 'deploy',
    inventory: 'lab',
    mode: 'apply',
    lab: { scale: 60 },
    forks: 32,
    targets: [
      { name: 'lab-1', level: 'cluster' },
      { name: 'lab-1-a', level: 'node', cluster: 'lab-1' },
      { name: 'lab-1-b-long', level: 'node', cluster: 'lab-1' },
    ],
    phases: [
      { id: '7', number: 7, name: 'Configure the network', per: 'node' },
      { id: '8', number: 8, name: 'Install the certificate', per: 'node' },
      { id: 'test', name: 'Test the configuration', per: 'cluster' },
    ],
    steps: 5,
  },
  {
    type: 'phase.started',
    phase: '7',
    name: 'Configure the network',
    lane: 'lab-1',
    targets: ['lab-1-a', 'lab-1-b-long'],
  },
  {
    type: 'batch.started',
    phase: '7',
    lane: 'lab-1',
    index: 1,
    of: 2,
    targets: ['lab-1-a'],
  },
  { type: 'step.started', ...network, target: 'lab-1-a' },
  { type: 'wire.traced', level: 1, system: 'lab-1-a', text: 'sudo vzen configure-network' },
  { type: 'wire.traced', level: 3, system: 'lab-1-a', text: '53 53 48 2d\n32 2e 30' },
  {
    type: 'step.diffed',
    ...network,
    target: 'lab-1-a',
    changes: [{ path: 'address', from: undefined, to: '10.84.0.110' }],
  },
  { type: 'step.warned', ...network, target: 'lab-1-a', message: 'the gateway does not answer to ping' },
  finished(network, 'lab-1-a', {
    outcome: 'changed',
    proof: 'proven',
    changes: [
      { path: 'address', to: '10.84.0.110' },
      { path: 'dns', from: ['10.84.0.1'], to: ['10.84.0.53', '10.84.0.54'], note: 'in this order' },
    ],
  }),
  { type: 'step.started', ...network, target: 'lab-1-b-long' },
  finished(network, 'lab-1-b-long', { outcome: 'ok' }),
  { type: 'phase.finished', phase: '7', lane: 'lab-1', failed: 0 },
  {
    type: 'phase.started',
    phase: '8',
    name: 'Install the certificate',
    lane: 'lab-1',
    targets: ['lab-1-a', 'lab-1-b-long'],
  },
  { type: 'step.started', ...certificate, target: 'lab-1-a' },
  {
    type: 'step.waiting',
    ...certificate,
    target: 'lab-1-a',
    kind: 'limit',
    reason: 'for 1 of 2 places at datastore ds1',
  },
  {
    type: 'operator.asked',
    target: 'lab-1-a',
    title: 'Download the certificate of lab-1-a',
    lines: ['Open Administration > Virtual Service Edges.', 'Put the file at certs/lab-1-a.zip.'],
  },
  { type: 'operator.answered', title: 'Download the certificate of lab-1-a', answer: 'done' },
  ...[0, 8, 16, 24].map((part): Unstamped => ({
    type: 'step.progressed',
    ...certificate,
    target: 'lab-1-a',
    progress: { done: part * 2 ** 20, total: 24 * 2 ** 20, unit: 'bytes', text: 'uploading the certificate' },
  })),
  finished(certificate, 'lab-1-a', { outcome: 'ok' }),
  { type: 'step.started', ...certificate, target: 'lab-1-b-long' },
  {
    type: 'step.retried',
    ...certificate,
    target: 'lab-1-b-long',
    attempt: 1,
    of: 2,
    error: { code: 'CONNECT', message: '10.84.0.111:22 refused the connection' },
  },
  finished(certificate, 'lab-1-b-long', {
    outcome: 'failed',
    error: {
      code: 'COMMAND',
      message: 'lab-1-b-long refused certs/lab-1-b.zip: it was issued for lab-1-a',
      hint: 'download the certificate of lab-1-b-long and put it at certs/lab-1-b.zip',
      output: 'Verifying …\nERROR: serial mismatch\n',
    },
  }),
  { type: 'lane.stopped', lane: 'lab-1', phase: '8', reason: '1 of 2 nodes failed, 0 may' },
  { type: 'phase.finished', phase: '8', lane: 'lab-1', failed: 1 },
  finished({ step: 'test/active', name: 'The node is active', phase: 'test' }, 'lab-1-b-long', {
    outcome: 'skipped',
    reason: 'after-failure',
    duration: 0,
  }),
  { type: 'run.finished', run: 'r1', duration: 90_000, wall: 90_000, recap },
])

/** The same run against real systems. */
export const realRun: readonly Event[] = smallRun.map((event) =>
  event.type === 'run.started' ? { ...event, lab: undefined } : event,
)
