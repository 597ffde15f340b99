import { loadRunbooks } from '../../load/load-runbook.ts'
import type { Project } from '../../load/project.ts'
import { RunbookError } from '../../model/error.ts'
import type { ExitCode } from '../exit-code.ts'
import { findProject } from '../find-project.ts'
import type { ListInvocation } from '../invocation.ts'
import { renderPlan } from '../render/plan.ts'

/** Prints the runbooks, or what one of them would do. Touches no system. */
export async function listRunbooks(invocation: ListInvocation): Promise<ExitCode> {
  const project = findProject(process.cwd())
  const { runbook, show } = invocation
  if (runbook === undefined) {
    console.log((await renderRunbooks(project)).join('\n'))
    return 0
  }
  const { loadPlan } = await import('../load-plan.ts')
  const { plan } = await loadPlan({ ...invocation, runbook }, project)
  console.log(renderPlan(plan, show).join('\n'))
  return 0
}

/** Every runbook with its summary. One that cannot be loaded says why, and the others are listed all the same. */
async function renderRunbooks(project: Project): Promise<readonly string[]> {
  const runbooks = await loadRunbooks(project)
  if (runbooks.length === 0) return [`There is no runbook in ${project.root}/runbooks.`]
  const width = Math.max(...runbooks.map(({ name }) => name.length))
  return runbooks.map(({ name, runbook }) => {
    const summary = runbook instanceof RunbookError ? `cannot be loaded: ${runbook.message}` : runbook.summary
    return `${name.padEnd(width)}  ${summary}`
  })
}
