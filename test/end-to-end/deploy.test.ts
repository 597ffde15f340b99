import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Event } from '../../src/model/event.ts'
import { openFreshProject, type FreshProject, type Watched } from '../support/fresh-project.ts'

const TARGETS = ['estate', 'lab-1', 'lab-1-a', 'lab-1-b']

/** The recap's lines, by target. */
function recapOf(stdout: string): Record<string, Record<string, number>> {
  const lines = [...stdout.matchAll(/^(\S+) *: (ok=.*)$/gm)]
  return Object.fromEntries(
    lines.map(([, target = '', counters = '']) => [
      target,
      Object.fromEntries(
        counters.split(' ').map((counter): [string, number] => {
          const [name = '', value = ''] = counter.split('=')
          return [name, Number(value)]
        }),
      ),
    ]),
  )
}

const finishedOf = ({ events }: Watched): readonly Extract<Event, { type: 'step.finished' }>[] =>
  events.filter((event) => event.type === 'step.finished')

describe('deploy on the embedded lab', () => {
  let project: FreshProject
  beforeAll(async () => {
    project = await openFreshProject()
  })
  afterAll(() => project[Symbol.asyncDispose]())

  it('in check mode lists every change and makes none', async () => {
    const checked = await project.run('deploy', '--check', '--diff')
    expect(checked.stderr).toBe('')
    expect(checked.code).toBe(0)
    const recap = recapOf(checked.stdout)
    expect(recap['lab-1-a']?.['changed']).toBeGreaterThan(8)
    expect(recap['lab-1-a']?.['failed']).toBe(0)
    const { stdout } = await project.run('lab', 'status')
    for (const nothing of [
      'vms: none',
      'instances: none',
      'clusters: none',
      'locations: none',
      'appliances: none',
    ]) {
      expect(stdout).toContain(nothing)
    }
    expect(stdout).not.toContain('VSE')
  })

  it('runs the nine documented steps and the final test from nothing', async () => {
    const deployed = await project.run('deploy')
    expect(deployed.stderr).toBe('')
    expect(deployed.code).toBe(0)
    const recap = recapOf(deployed.stdout)
    expect(Object.keys(recap)).toEqual(TARGETS)
    for (const target of TARGETS) expect(recap[target]).toMatchObject({ failed: 0, unreachable: 0 })
    const numbers = [...deployed.stdout.matchAll(/^\[\S+\] (\d) .*: started/gm)].map(([, number]) => number)
    expect([...new Set(numbers)]).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9'])
    expect(deployed.stdout).toContain('Test the configuration')
  })

  it('changes nothing the second time, by reading', async () => {
    const again = await project.watch(['deploy'], () => undefined)
    expect(again.code).toBe(0)
    expect(finishedOf(again).filter(({ outcome }) => outcome === 'changed')).toEqual([])
    const last = again.events.at(-1)
    expect(last?.type).toBe('run.finished')
    expect(again.events[0]?.type).toBe('run.started')
  })

  it('runs one tag on one node, and only that, only there', async () => {
    const part = await project.watch(
      ['deploy', '--tags', 'certificate', '--limit', 'lab-1-b'],
      () => undefined,
    )
    expect(part.code).toBe(0)
    // The gate behind the last node, of which nothing was changed.
    const gate = finishedOf(part).filter(({ target }) => target === 'lab-1')
    expect(gate.map(({ name, reason }) => [name, reason])).toEqual([
      ['Exactly one node is CARP master', 'unchanged'],
      ['Every node that serves is healthy', 'unchanged'],
    ])
    const steps = finishedOf(part).filter((event) => !gate.includes(event))
    expect(new Set(steps.map(({ target }) => target))).toEqual(new Set(['lab-1-b']))
    const names = new Set(steps.map(({ name }) => name))
    // What vSphere lacks is looked for always: it is cheap, and spares a run that cannot succeed.
    expect(names.delete('vSphere has everything that the site needs')).toBe(true)
    expect([...names].every((name) => /certificate/i.test(name))).toBe(true)
  })

  it('gives every (step, target) exactly one outcome, and a recap that adds up', async () => {
    const run = await project.watch(['deploy'], () => undefined)
    const [started] = run.events
    const finished = finishedOf(run)
    const keys = finished.map(({ step, target }) => `${step} ${target}`)
    expect(new Set(keys).size).toBe(keys.length)
    expect(started).toMatchObject({ type: 'run.started', steps: keys.length })
    const last = run.events.at(-1)
    if (last?.type !== 'run.finished') throw new TypeError('the run did not finish')
    const sum = last.recap.targets.reduce(
      (all, { ok, failed, unreachable, skipped }) => all + ok + failed + unreachable + skipped,
      0,
    )
    expect(sum).toBe(keys.length)
  })

  it('verifies what it deployed', async () => {
    const verified = await project.run('verify')
    expect(verified.stderr).toBe('')
    expect(verified.code).toBe(0)
  })

  it('finds a split brain that somebody made in the vSphere client, names the port group, and mends only that', async () => {
    const { stdout } = await project.run('lab', 'fault', 'promiscuous-reject')
    expect(stdout).toContain('VSE')
    const verified = await project.run('verify')
    expect(verified.code).toBe(2)
    expect(verified.stdout).toMatch(/split brain/i)
    expect(verified.stdout).toContain('port group VSE')

    const mended = await project.watch(['deploy'], () => undefined)
    expect(mended.code).toBe(0)
    const changed = finishedOf(mended).filter(({ outcome }) => outcome === 'changed')
    expect(changed.map(({ step }) => step)).toHaveLength(1)
    expect(changed[0]?.name).toMatch(/port group/i)
    expect((await project.run('verify')).code).toBe(0)
  })
})

describe('a certificate on the wrong node', () => {
  it('stops the deployment before anything is uploaded', async () => {
    await using project = await openFreshProject()
    const half = await project.run('deploy', '--tags', 'instances,downloads')
    expect(half.stderr).toBe('')
    const files = join(project.folder, '.runbook', 'lab', 'files', 'downloads')
    await copyFile(join(files, 'lab-1-a.zip'), join(files, 'lab-1-b.zip'))
    const stopped = await project.watch(['deploy'], () => undefined)
    expect(stopped.code).toBe(2)
    const messages = JSON.stringify(finishedOf(stopped).map(({ error }) => error))
    expect(messages).toContain('same file')
    expect(messages).toContain('lab-1-a')
    expect(stopped.events.some((event) => event.type === 'step.started' && event.phase === '7')).toBe(false)
  })
})
