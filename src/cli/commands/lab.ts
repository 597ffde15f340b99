import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { LabFaultName } from '../../lab/faults.ts'
import type { Lab } from '../../lab/lab.ts'
import type { Project } from '../../load/project.ts'
import { UsageError } from '../../model/error.ts'
import { nearestName } from '../../model/nearest.ts'
import type { ExitCode } from '../exit-code.ts'
import { findProject } from '../find-project.ts'
import type { LabAction, LabInvocation } from '../invocation.ts'
import { renderOutline } from '../render/outline.ts'

/** Shows the embedded lab, forgets it, or breaks something in it. */
export async function showLab(invocation: LabInvocation): Promise<ExitCode> {
  const project = findProject(process.cwd())
  const { action } = invocation
  switch (action.kind) {
    case 'reset':
      await resetLab(project)
      console.log('The lab is as new.')
      return 0
    case 'status':
      console.log((await describeLab(invocation, project)).join('\n'))
      return 0
    case 'fault':
      console.log((await changeFault(invocation, { action, project })).join('\n'))
      return 0
  }
}

/** Forgets everything that was ever deployed in the lab, and what the engine recorded about it. */
export async function resetLab({ state }: Pick<Project, 'state'>): Promise<void> {
  const { lockFolder } = await import('../../state/lock.ts')
  const folder = join(state, 'lab')
  const lock = await lockFolder(folder, { what: 'the lab' })
  const parts = await readdir(folder)
  // The lock goes last, so that nobody moves in while the rest is being cleared out.
  for (const part of parts.filter((one) => one !== 'lock')) {
    await rm(join(folder, part), { recursive: true, force: true })
  }
  await lock.release()
}

const isNew = ({ state }: Project): boolean => !existsSync(join(state, 'lab', 'state'))

async function describeLab(invocation: LabInvocation, project: Project): Promise<readonly string[]> {
  if (isNew(project)) {
    return ['The lab is as new: nothing was deployed in it.']
  }
  return withLab(invocation, { project, use: (lab) => Promise.resolve(renderOutline(lab.status())) })
}

async function changeFault(
  invocation: LabInvocation,
  { action, project }: { readonly action: LabAction & { readonly kind: 'fault' }; readonly project: Project },
): Promise<readonly string[]> {
  const { LAB_FAULTS, breakLab, mendLab } = await import('../../lab/faults.ts')
  const { name: written, target, clear } = action
  const names = Object.keys(LAB_FAULTS)
  if (written === undefined && !clear) {
    const width = Math.max(...names.map((name) => name.length))
    return Object.entries(LAB_FAULTS).map(([name, meaning]) => `${name.padEnd(width)}  ${meaning}`)
  }
  if (written !== undefined && !names.includes(written)) {
    const nearest = nearestName(written, names)
    throw new UsageError(`there is no fault “${written}”`, {
      hint: nearest === undefined ? '`runbook lab fault` lists them' : `did you mean “${nearest}”?`,
    })
  }
  const name = written as LabFaultName | undefined
  return withLab(invocation, {
    project,
    use: async (lab) => [
      clear || name === undefined
        ? await mendLab(lab, { name, target })
        : await breakLab(lab, { name, target }),
    ],
  })
}

interface LabUse {
  readonly project: Project
  readonly use: (lab: Lab) => Promise<readonly string[]>
}

/** Opens the lab as the inventory furnishes it, and closes it again. */
async function withLab(invocation: LabInvocation, { project, use }: LabUse): Promise<readonly string[]> {
  const { loadNamedInventory } = await import('../load-plan.ts')
  const { openSecrets } = await import('../../load/open-secrets.ts')
  const { openLab } = await import('../../lab/lab.ts')
  const inventory = await loadNamedInventory({ ...invocation, lab: true }, project)
  await openSecrets(inventory.secrets, {
    lab: true,
    environment: {},
    // In the lab every secret is made up, so nobody is asked.
    ask: () => Promise.resolve(undefined),
    signal: new AbortController().signal,
  })
  const lab = await openLab({ seed: inventory.schema.lab(inventory.estate), state: project.state })
  try {
    return await use(lab)
  } finally {
    await lab.close()
  }
}
