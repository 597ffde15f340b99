import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { openSecrets } from '../../load/open-secrets.ts'
import type { ApplianceEndpoint } from '../../model/endpoint.ts'
import { UsageError } from '../../model/error.ts'
import { nearestName } from '../../model/nearest.ts'
import type { Operator } from '../../model/operator.ts'
import type { Target } from '../../model/target.ts'
import { listTargets } from '../../plan/list-targets.ts'
import { lockFolder } from '../../state/lock.ts'
import { askSecret } from '../ask-secret.ts'
import type { ExitCode } from '../exit-code.ts'
import { findProject } from '../find-project.ts'
import { listenForInterrupt } from '../interrupt.ts'
import type { ConsoleInvocation } from '../invocation.ts'
import { loadNamedInventory } from '../load-plan.ts'
import { openSurroundings } from '../surroundings.ts'

/** Shows the console of a node's machine as text or as a picture, and types on it what a person wants typed. */
export async function showConsole(invocation: ConsoleInvocation): Promise<ExitCode> {
  const project = findProject(process.cwd())
  const inventory = await loadNamedInventory(invocation, project)
  const node = findNode(invocation.node, listTargets(inventory.estate))
  const endpoint = inventory.schema.endpoints(node.scope).appliance
  if (endpoint === undefined) throw notANode(node.name)
  const interrupt = listenForInterrupt()
  try {
    const signal = interrupt.draining
    // Of all secrets of the inventory it takes one.
    const wanted = inventory.secrets.filter(({ secret }) => secret === endpoint.vsphere.password)
    await openSecrets(wanted, { lab: inventory.lab, ask: askSecret, signal, environment: process.env })
    await using surroundings = await openSurroundings(inventory, { project, step: false })
    const state = inventory.lab ? join(project.state, 'lab') : project.state
    // Two at one keyboard type nonsense: while a run is under way nobody else types.
    const isTyped = invocation.action !== undefined && !inventory.lab
    const lock = isTyped ? await lockFolder(state, { what: 'this project' }) : undefined
    try {
      console.log(await visit(endpoint, { ...surroundings, invocation, signal, state }))
      return 0
    } finally {
      await lock?.release()
    }
  } finally {
    interrupt.close()
  }
}

function notANode(name: string): UsageError {
  return new UsageError(`${name} is not a node, and has no console`, {
    hint: '`runbook inventory` shows the nodes',
  })
}

/** The node of this name. Throws a `UsageError` that names the nearest one. */
export function findNode(name: string, targets: readonly Target[]): Target {
  const found = targets.find((target) => target.name === name)
  if (found?.level === 'node') return found
  if (found !== undefined) throw notANode(name)
  const nodes = targets.filter(({ level }) => level === 'node')
  const nearest = nearestName(
    name,
    nodes.map((node) => node.name),
  )
  throw new UsageError(`there is no node “${name}”`, {
    hint: nearest === undefined ? '`runbook inventory` shows the nodes' : `did you mean “${nearest}”?`,
  })
}

interface Visit extends Pick<Awaited<ReturnType<typeof openSurroundings>>, 'network' | 'clock' | 'operator'> {
  readonly invocation: ConsoleInvocation
  readonly signal: AbortSignal
  readonly state: string
}

async function visit(
  { name, ssh, vsphere, vm }: ApplianceEndpoint,
  { invocation, network, clock, operator, signal, state }: Visit,
): Promise<string> {
  const [{ openVSphere }, { openGlyphFile, saveGlyphFile }, { createScreenReader }, operate] =
    await Promise.all([
      import('../../connect/open-vsphere.ts'),
      import('../../connect/console/glyph-file.ts'),
      import('../../connect/console/screen.ts'),
      import('../../connect/console/operate.ts'),
    ])
  const session = await openVSphere(vsphere, { network, clock, signal })
  try {
    const port = session.console(vm, { writable: true })
    const { png, action } = invocation
    if (png !== undefined && action === undefined) return await savePicture(png, await port.screen(signal))
    const glyphs = join(state, 'glyphs.json')
    const book = await openGlyphFile(glyphs)
    const edition = book.edition()
    const reader = createScreenReader(port, { book, clock })
    const machine = { name, username: ssh.username, port, reader, book, clock }
    const allow = allowTyping(invocation, { operator, where: `${name} (${vm} on ${vsphere.host})` })
    const options = { signal, allow }
    const screen =
      action === undefined
        ? await operate.readConsole(machine, options)
        : await operate.operateConsole(machine, action, options)
    if (book.edition() !== edition) await saveGlyphFile(glyphs, book)
    return png === undefined
      ? operate.renderScreen(screen)
      : await savePicture(png, await port.screen(signal))
  } finally {
    await session.close()
  }
}

async function savePicture(path: string, picture: Buffer): Promise<string> {
  await writeFile(path, picture)
  return `The screen is in ${path}.`
}

/** Asks a person before anything is typed, unless the command line has said yes. */
function allowTyping(
  { yes }: ConsoleInvocation,
  { operator, where }: { readonly operator: Operator; readonly where: string },
): (what: string, stoppedAt: string) => Promise<void> {
  return async (what, stoppedAt) => {
    if (yes) return
    const question = `Type ${what} on the console of ${where}, which stopped at “${stoppedAt}”?`
    if (operator.isAsked) process.stderr.write(`${question}\n`)
    const answer = await operator.confirm(question, { signal: new AbortController().signal })
    if (answer === 'yes' || answer === 'all') return
    const message =
      answer === 'no' ? 'nothing was typed' : 'nothing was typed: nobody is there to agree to it'
    throw new UsageError(message, { hint: 'write --yes where it may be typed without a question' })
  }
}
