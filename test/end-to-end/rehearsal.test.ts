import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openFreshProject, type FreshProject } from '../support/fresh-project.ts'

/** The totals at the end of a run. */
function totalsOf(stdout: string): readonly [changed: number, failed: number] {
  const [, changed, failed] = /^\d+ targets: \d+ ok \((\d+) changed\), (\d+) failed/m.exec(stdout) ?? []
  return [Number(changed), Number(failed)]
}

describe('the rehearsal of a production inventory', () => {
  let project: FreshProject
  beforeAll(async () => {
    project = await openFreshProject()
  })
  afterAll(() => project[Symbol.asyncDispose]())

  // Two vCenters, distributed and standard switches, pinned hosts with NITROX cards, and secrets that nobody looks up.
  it('deploys the example in the lab, and finds nothing left to do', async () => {
    const rehearse = () => project.run('deploy', '-i', 'inventory/example.ts', '--lab', '--yes')
    const first = await rehearse()
    expect(first.stderr).toBe('')
    expect({ code: first.code, said: first.stdout }).toMatchObject({ code: 0 })
    expect(totalsOf(first.stdout)).toEqual([expect.any(Number), 0])
    expect(totalsOf(first.stdout)[0]).toBeGreaterThan(100)
    const second = await rehearse()
    expect(second.code).toBe(0)
    expect(totalsOf(second.stdout)).toEqual([0, 0])
  }, 120_000)
})
