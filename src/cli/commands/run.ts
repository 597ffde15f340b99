import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'

import { openGlyphFile, saveGlyphFile } from '../../connect/console/glyph-file.ts'
import { openHostKeys } from '../../connect/host-keys.ts'
import { openConnections } from '../../connect/open-connections.ts'
import { checkTypes } from '../../load/check-types.ts'
import { openSecrets, selectSecrets } from '../../load/open-secrets.ts'
import type { Emit } from '../../model/event.ts'
import type { Plan } from '../../model/plan.ts'
import { createBus } from '../../report/bus.ts'
import { cleanEvent } from '../../report/clean-event.ts'
import { openReporter } from '../../report/open-reporter.ts'
import { createRedactor } from '../../report/redactor.ts'
import { createEvidence } from '../../run/evidence.ts'
import { executePlan } from '../../run/execute-plan.ts'
import { noJournal, openJournal, type JournalEntry } from '../../run/journal.ts'
import { emptyLedger, openLedger } from '../../run/ledger.ts'
import { markOf, readOnly } from '../../run/staged-edits.ts'
import { createDocumentStore } from '../../state/document-store.ts'
import { lockFolder } from '../../state/lock.ts'
import { askSecret } from '../ask-secret.ts'
import type { ExitCode } from '../exit-code.ts'
import { findProject } from '../find-project.ts'
import { listenForInterrupt } from '../interrupt.ts'
import type { RunInvocation } from '../invocation.ts'
import { readLabScale } from '../lab-scale.ts'
import { loadPlan, type LoadedPlan } from '../load-plan.ts'
import { openSurroundings, type Surroundings } from '../surroundings.ts'
import { describeTerminal } from '../terminal.ts'

/** Runs a runbook: load, plan, open what it needs, execute, close everything, give the exit code. */
export async function runRunbook(invocation: RunInvocation): Promise<ExitCode> {
  // Hundreds of targets make garbage faster than V8 likes to collect it: collect at one and a half times what survived, not
  // at four. No cap, so that a large estate still gets what it needs.
  setFlagsFromString('--heap-growing-percent=50')
  const project = findProject(process.cwd())
  const loaded = await loadPlan(invocation, project)
  const interrupt = listenForInterrupt()
  const { draining } = interrupt
  try {
    const files = [...loaded.runbook.files, ...loaded.inventory.files]
    const { lab, secrets } = loaded.inventory
    // Before anybody waits for the types.
    if (lab) readLabScale(process.env)
    // Where one of the two fails, nobody waits for the other.
    const failed = new AbortController()
    const signal = AbortSignal.any([draining, failed.signal])
    const typesFit = checkTypes({ files, root: project.root, signal })
    const opened = openSecrets(selectSecrets(secrets, listNames(loaded.plan)), {
      lab,
      ask: askSecret,
      signal,
      environment: process.env,
    })
    await Promise.all([typesFit, opened]).catch((error: unknown) => {
      failed.abort()
      throw error
    })
    await using surroundings = await openSurroundings(loaded.inventory, { project, step: invocation.step })
    // What is known of the lab's machines must never be believed of the world's, whose addresses they have.
    const state = lab ? join(project.state, 'lab') : project.state
    const alone = !lab && invocation.mode === 'apply'
    const lock = alone ? await lockFolder(state, { what: 'this project' }) : undefined
    try {
      return await execute({ invocation, loaded, surroundings, interrupt, state })
    } finally {
      await lock?.release()
    }
  } finally {
    interrupt.close()
  }
}

/** Everything whose variables a run may need: its targets, and what is above them. */
function listNames({ targets, domains }: Plan): ReadonlySet<string> {
  const above = targets.flatMap(({ cluster, site }) => [cluster, site])
  const roots = domains.filter(({ level }) => level === 'estate')
  return new Set(
    [...targets, ...roots].map(({ name }) => name).concat(above.filter((name) => name !== undefined)),
  )
}

interface Execution {
  readonly invocation: RunInvocation
  readonly loaded: LoadedPlan
  readonly surroundings: Surroundings
  readonly interrupt: ReturnType<typeof listenForInterrupt>
  /** Folder of what runs leave behind. */
  readonly state: string
}

async function execute({ invocation, loaded, surroundings, interrupt, state }: Execution): Promise<ExitCode> {
  const { plan, inventory } = loaded
  const { network, clock, operator, lab } = surroundings
  const check = invocation.mode === 'check'
  const id = nameRun(new Date())
  const terminal = describeTerminal(process.stdout)
  const reporter = await openReporter(invocation.reporter ?? (terminal.isTTY ? 'tree' : 'lines'), {
    ...terminal,
    diff: invocation.diff,
    verbosity: invocation.verbosity,
    now: () => clock.now(),
  })
  const redact = createRedactor(inventory.secrets.map(({ secret }) => secret))
  const bus = createBus({ clock, redact, reporters: [reporter] })
  const store = createDocumentStore({ folder: state, durable: lab === undefined })
  const written = check ? noJournal : await openJournal(join(state, 'runs', id, 'journal.jsonl'), clock)
  const journal = { ...written, write: (entry: JournalEntry) => written.write(cleanEvent(entry, { redact })) }
  const glyphFile = join(state, 'glyphs.json')
  const glyphs = await openGlyphFile(glyphFile)
  const edition = glyphs.edition()
  // What is only compared leaves no folder behind.
  const evidence = check ? undefined : createEvidence(join(state, 'runs', id), { redact })
  const connections = openConnections({
    endpointsOf: ({ scope }) => inventory.schema.endpoints(scope),
    network,
    clock,
    // The lab's addresses may be those of real machines, whose keys it must not replace.
    hostKeys: await openHostKeys({ path: join(state, 'host-keys.json') }),
    lab: lab !== undefined,
    check,
    signal: interrupt.aborting,
    trace: traceTo(bus.emit, invocation.verbosity),
    glyphs,
    stagedIn(tenant) {
      const mark = markOf(store, { tenant, selection: plan.selectionDigest })
      return check ? readOnly(mark) : mark
    },
    evidenceOf: evidence?.of,
  })
  setMaxListeners(0, interrupt.aborting, interrupt.draining)
  try {
    const ledger = openLedger(await store.open('ledger', emptyLedger))
    const recap = await executePlan(plan, {
      id,
      emit: bus.emit,
      clock,
      connections,
      operator,
      journal,
      ledger,
      check,
      step: invocation.step,
      yes: invocation.yes,
      forks: invocation.forks,
      folder: check ? undefined : join(state, 'runs', id),
      draining: interrupt.draining,
      aborting: interrupt.aborting,
      lab,
    })
    return recap.exitCode
  } finally {
    await connections.close()
    await evidence?.settled()
    // It only saves time; nothing of it may keep the run from telling how it ended.
    if (glyphs.edition() !== edition) await saveGlyphFile(glyphFile, glyphs).catch(() => undefined)
    await journal.close()
    await store.settled()
    await bus.close()
  }
}

/** A name that sorts by time: `20261122-131500-1f3a`. */
function nameRun(now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `${stamp}-${randomBytes(2).toString('hex')}`
}

function traceTo(emit: Emit, verbosity: number) {
  if (verbosity === 0) return undefined
  return (level: 1 | 2 | 3, line: { readonly system: string; readonly text: string }): void => {
    if (level <= verbosity) emit({ type: 'wire.traced', level, ...line })
  }
}
