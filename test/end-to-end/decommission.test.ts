import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { planTenant } from '../../src/lab/zia/seed.ts'
import type { Event } from '../../src/model/event.ts'
import { openFreshProject, type FreshProject, type Watched } from '../support/fresh-project.ts'

const STATE = '.runbook/lab/state/zia/zsapi.zscalerlab.net.json'
const CONFIRMED = ['decommission', '-e', 'confirm=lab-1', '--tags', 'all,location'] as const

interface Tenant {
  readonly staged: Record<string, readonly Record<string, unknown>[]>
  readonly committed: unknown
  readonly pending: boolean
}

const readTenant = async ({ folder }: FreshProject): Promise<Tenant> =>
  JSON.parse(await readFile(join(folder, STATE), 'utf8')) as Tenant

/** A configuration without who touched a rule last, which no removal can take back. */
async function configurationOf(project: FreshProject): Promise<unknown> {
  return untouched(await readTenant(project))
}

function untouched({ staged, committed, pending }: Tenant): unknown {
  const text = JSON.stringify({ staged, committed, pending }, (key, value: unknown) =>
    key.startsWith('lastModified') ? undefined : value,
  )
  return JSON.parse(text)
}

const finishedOf = ({ events }: Watched): readonly Extract<Event, { type: 'step.finished' }>[] =>
  events.filter((event) => event.type === 'step.finished')

const changedOf = (watched: Watched): readonly string[] =>
  finishedOf(watched).flatMap(({ outcome, target, name }) =>
    outcome === 'changed' ? [`${target} ${name}`] : [],
  )

const watchNothing = (): undefined => undefined

describe('decommission on the embedded lab', () => {
  let project: FreshProject
  beforeAll(async () => {
    project = await openFreshProject()
    const deployed = await project.run('deploy')
    expect(deployed.stderr).toBe('')
    expect(deployed.code).toBe(0)
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('removes nothing where nobody types the name of the cluster, whatever --yes says', async () => {
    const deployed = await configurationOf(project)
    const refused = await project.watch(['decommission', '--yes'], watchNothing)
    expect(refused.code).toBe(2)
    expect(changedOf(refused)).toEqual([])
    const [failed] = finishedOf(refused).filter(({ outcome }) => outcome === 'failed')
    expect(failed?.error?.message).toContain('typing “lab-1”')
    expect(failed?.error?.hint).toContain('-e confirm=lab-1')
    expect(await configurationOf(project)).toEqual(deployed)
    expect((await project.run('lab', 'status')).stdout).toContain('lab-1-a')
  })

  it('takes no confirmation for another cluster', async () => {
    const wrong = await project.run('decommission', '-e', 'confirm=lab-11')
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toContain('there is no cluster “lab-11”')
  })

  it('takes no confirmation out of a file', async () => {
    const deployed = await configurationOf(project)
    const lab = await readFile(join(project.folder, 'inventory/lab.ts'), 'utf8')
    const hasty = lab.replace('image:', "confirm: ['lab-1'],\n    image:")
    expect(hasty).not.toBe(lab)
    await writeFile(join(project.folder, 'inventory/hasty.ts'), hasty)
    const refused = await project.run('decommission', '-i', 'inventory/hasty.ts')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('“confirm” is for the command line alone')
    expect(await configurationOf(project)).toEqual(deployed)
  })

  it('asks for nothing and changes nothing in check mode, and lists everything that would go', async () => {
    const deployed = await configurationOf(project)
    const checked = await project.watch(['decommission', '--check'], watchNothing)
    expect(checked.code).toBe(0)
    expect(changedOf(checked)).toContain('lab-1-b The VM is deleted')
    expect(await configurationOf(project)).toEqual(deployed)
  })

  it('deletes no machine that ZIA still sends users to, whatever tags say', async () => {
    const refused = await project.watch(['decommission', '-e', 'confirm=lab-1', '--tags', 'vm'], watchNothing)
    expect(refused.code).toBe(2)
    expect(changedOf(refused)).toEqual([])
    const failed = finishedOf(refused).filter(({ outcome }) => outcome === 'failed')
    expect(failed.map(({ target, name }) => `${target} ${name}`).toSorted()).toEqual([
      'lab-1-a ZIA no longer has the instance',
      'lab-1-b ZIA no longer has the instance',
    ])
    expect((await project.run('lab', 'status')).stdout).toContain('lab-1-a')
  })

  it('foretells that a node of a cluster cannot go alone', async () => {
    const checked = await project.watch(['decommission', '-l', 'lab-1-a', '--check'], watchNothing)
    expect(checked.code).toBe(2)
    const [failed] = finishedOf(checked).filter(({ outcome }) => outcome === 'failed')
    expect(JSON.stringify(failed?.error)).toContain('a node of the cluster lab-1')
  })

  it('finishes what it was killed at, in its order, and leaves tenant and vCenter as they were', async () => {
    let removed = 0
    const killed = await project.watch(CONFIRMED, (event) => {
      if (event.type !== 'step.finished' || event.outcome !== 'changed') return undefined
      removed += 1
      return removed === 3 ? 'SIGKILL' : undefined
    })
    expect(killed.code).toBeNull()
    const finished = await project.watch(CONFIRMED, watchNothing)
    expect(finished.stderr).toBe('')
    expect(finished.code).toBe(0)
    const order = [...changedOf(killed), ...changedOf(finished)].map((line) => line.replace(/^\S+ /, ''))
    const rank = (name: string): number => order.indexOf(name)
    expect(rank('The location no longer has the cluster')).toBe(0)
    expect(rank('The cluster is emptied and deleted')).toBe(1)
    expect(rank('The instance is deleted')).toBe(2)
    expect(rank('Every change is active')).toBeGreaterThan(
      rank('The rule and its IP source group are deleted'),
    )
    expect(rank('The system is shut down')).toBeGreaterThan(rank('Every change is active'))
    expect(order.lastIndexOf('The VM is deleted')).toBe(order.length - 1)

    expect(await configurationOf(project)).toEqual(untouched(planTenant()))
    const { stdout } = await project.run('lab', 'status')
    expect(stdout).not.toContain('lab-1-')
    expect(stdout).toContain('appliances: none')
    // Others may use them: the port group, the image, and the files that a person has brought.
    expect(stdout).toContain('runbook-image-')
    const files = await readdir(join(project.folder, '.runbook/lab/files/downloads'))
    expect(files).toContain('vse.ova')
    expect(files.filter((name) => name.endsWith('.retired'))).toHaveLength(2)
  })

  it('changes nothing the second time, and needs nobody’s consent for that', async () => {
    const again = await project.watch(['decommission', '--tags', 'all,location'], watchNothing)
    expect(again.code).toBe(0)
    expect(changedOf(again)).toEqual([])
  })
})
