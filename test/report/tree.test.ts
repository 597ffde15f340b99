import { describe, expect, test } from 'vitest'

import type { Event } from '../../src/model/event.ts'
import { createLook } from '../../src/report/render/look.ts'
import { widthOf } from '../../src/report/render/width.ts'
import { createTree, type TreeOptions } from '../../src/report/tree.ts'
import { renderFrame } from '../../src/report/tree/frame.ts'
import { createTreeModel } from '../../src/report/tree/model.ts'
import { fleetRun } from './support/fleet-run.ts'
import { realRun, smallRun } from './support/recorded-run.ts'
import { textOutput } from './support/text-output.ts'
import { virtualTerminal, type VirtualTerminal } from './support/virtual-terminal.ts'

/** A tree on a terminal of its own, whose time passes only with events and whose frames are drawn only by hand. */
function rig(
  options: Partial<Omit<TreeOptions, 'out'>> & { columns?: number; rows?: number } = {},
  terminal: VirtualTerminal = virtualTerminal({ columns: options.columns ?? 80, rows: options.rows ?? 24 }),
) {
  let time = 0
  const frames = new Set<() => void>()
  const beats: number[] = []
  const reporter = createTree({
    out: terminal,
    diff: false,
    verbosity: 0,
    colour: false,
    unicode: true,
    now: () => time,
    ticker(frame, ms) {
      beats.push(ms)
      frames.add(frame)
      return () => void frames.delete(frame)
    },
    ...options,
  })
  return {
    terminal,
    beats,
    running: () => frames.size,
    close: () => reporter.close(),
    report: (event: Event) => {
      time = event.time
      reporter.report(event)
    },
    frame: () => frames.forEach((frame) => frame()),
  }
}

const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 40, rows: 12 },
  { columns: 20, rows: 5 },
  { columns: 200, rows: 60 },
  { columns: 3, rows: 2 },
] as const

const framesOf = (terminal: VirtualTerminal): number =>
  terminal.writes.filter((text) => text.includes('\u001b[?2026h')).length

describe('the live area', () => {
  test('shows what runs: the run, the cluster, its nodes, the step and how far it has come', () => {
    const { report, frame, terminal } = rig()
    for (const event of smallRun.slice(0, 20)) report(event)
    frame()
    expect(terminal.screen().join('\n')).toMatchInlineSnapshot(`
      "[lab-1-a] 7 Configure the network › The network is configured: warning: the gate
      way does not answer to ping
      Download the certificate of lab-1-a
          Open Administration > Virtual Service Edges.
          Put the file at certs/lab-1-a.zip.
      Download the certificate of lab-1-a: done
      deploy · lab · 0.0 s (19.0 s of lab time)
      ████████████████░░░░░░░░░░░░░░░░░░░░░░░░ 2/5 steps
      ⠙ lab-1 ███░░░░░░░ ▸✓ 8 Install the certificate
          lab-1-a          The certificate is installed 6.0 s ██████░░░░ uploading t…
      1 running, 0 waiting, 0 finished · 1 changed, 1 ok"
    `)
  })

  test('keeps the last failures and what to do about them', () => {
    const { report, frame, terminal } = rig()
    for (const event of smallRun.slice(0, -4)) report(event)
    frame()
    expect(terminal.screen().join('\n')).toMatchInlineSnapshot(`
      "[lab-1-a] 7 Configure the network › The network is configured: warning: the gate
      way does not answer to ping
      Download the certificate of lab-1-a
          Open Administration > Virtual Service Edges.
          Put the file at certs/lab-1-a.zip.
      Download the certificate of lab-1-a: done
      [lab-1-b-long] 8 Install the certificate › The certificate is installed … failed
       (2.1 s)
          lab-1-b-long refused certs/lab-1-b.zip: it was issued for lab-1-a
          hint: download the certificate of lab-1-b-long and put it at certs/lab-1-b.z
      ip
          | Verifying …
          | ERROR: serial mismatch
      deploy · lab · 0.0 s (24.0 s of lab time)
      ████████████████████████████████░░░░░░░░ 4/5 steps
      ⠙ lab-1 ███░░░░░░░ ✓✗ 8 Install the certificate
      1 running, 0 waiting, 0 finished · 1 changed, 2 ok, 1 failed
      ✗ lab-1-b-long › The certificate is installed: lab-1-b-long refused certs/lab-…
        hint: download the certificate of lab-1-b-long and put it at certs/lab-1-b.z…"
    `)
  })

  test('shows twenty clusters of four nodes on 80 × 24', () => {
    const { report, frame, terminal } = rig()
    const events = fleetRun({ clusters: 20, nodes: 4, phases: 4 })
    for (const event of events.slice(0, Math.floor(events.length * 0.55))) report(event)
    frame()
    expect(terminal.screen().join('\n')).toMatchInlineSnapshot(`
      "    hint: ask again
      deploy · lab-bulk · 19 min 04 s
      █████████████████████░░░░░░░░░░░░░░░░░░░ 347/640 steps
      ⠙ fra-1  ███████░░░ ✓▸✓✓ 4 Phase 4 of the deployme… › fra-1-b: The thing 1 is …
      ⠙ fra-2  ███████░░░ ▸✓✓✓ 4 Phase 4 of the deployme… › fra-2-a: The thing 2 is …
      ⠙ fra-3  ███████░░░ ▸✓✓✓ 4 Phase 4 of the deployme… › fra-3-a: The thing 1 is …
      ⠙ fra-4  █████░░░░░ ✓✗✓✓ 3 Phase 3 of the deployment
      ⠙ fra-5  █████░░░░░ ✓✓✓± 3 Phase 3 of the deployment
      ⠙ fra-6  █████░░░░░ ✓✓✓✓ 3 Phase 3 of the deployment
      ⠙ fra-7  █████░░░░░ ✓✓±✓ 3 Phase 3 of the deployment
      ⠙ fra-8  █████░░░░░ ✓✓✓✓ 3 Phase 3 of the deployment
      ⠙ fra-9  █████░░░░░ ✓±✓✓ 3 Phase 3 of the deployment
      ⠙ fra-10 █████░░░░░ ✓✓✓✓ 3 Phase 3 of the deployment
      ⠙ fra-11 █████░░░░░ ±✓✓✓ 3 Phase 3 of the deployment
      ⠙ fra-12 █████░░░░░ ✓✓✓✓ 3 Phase 3 of the deployment
      ⠙ fra-13 ██░░░░░░░░ ✓✓✓▸ 2 Phase 2 of the deployme… › fra-13-d: The thing 2 is…
      ⠙ fra-14 ██░░░░░░░░ ✓✓✓▸ 2 Phase 2 of the deployme… › fra-14-d: The thing 1 is…
      ⠙ fra-15 ██░░░░░░░░ ✓✓▸✓ 2 Phase 2 of the deployme… › fra-15-c: The thing 2 is…
      ⠙ fra-16 ██░░░░░░░░ ✓✓▸✓ 2 Phase 2 of the deployme… › fra-16-c: The thing 1 is…
      ⠙ fra-17 ██░░░░░░░░ ✓▸✓✓ 2 Phase 2 of the deployme… › fra-17-b: The thing 2 is…
      … 3 more running
      20 running, 0 waiting, 0 finished · 178 changed, 168 ok, 1 failed
      ✗ fra-4-b › The thing 2 is as it should be: fra-4-b said no, at length: becaus…
        hint: ask again"
    `)
  })

  test.each(SIZES)('is never larger than a terminal of $columns × $rows', ({ columns, rows }) => {
    const model = createTreeModel()
    const look = createLook({ colour: false, unicode: true, diff: false, verbosity: 0 })
    for (const [index, event] of fleetRun({ clusters: 20, nodes: 4, phases: 3 }).entries()) {
      model.apply(event)
      if (index % 7 > 0) continue
      const frame = renderFrame(model, { columns, rows, now: event.time, wall: 1_000, tick: 1, look })
      expect(frame.length).toBeLessThanOrEqual(rows)
      expect(Math.max(...frame.map(widthOf))).toBeLessThanOrEqual(columns)
    }
  })

  test('is drawn at most ten times a second, and only when something differs', () => {
    const { report, frame, terminal, beats } = rig()
    for (const event of fleetRun({ clusters: 20, nodes: 4, phases: 4 }).slice(0, -1)) report(event)
    expect(framesOf(terminal)).toBe(0)
    expect(beats).toEqual([100])
    frame()
    expect(framesOf(terminal)).toBe(1)
  })

  test('is gone in the end, and the recap is the last thing on the screen', async () => {
    const { report, frame, terminal, close, running } = rig()
    for (const event of smallRun) {
      report(event)
      frame()
    }
    await close()
    expect(running()).toBe(0)
    expect(terminal.cursorShown()).toBe(true)
    expect(terminal.all().join('\n')).toMatchInlineSnapshot(`
      "[lab-1-a] 7 Configure the network › The network is configured: warning: the gate
      way does not answer to ping
      Download the certificate of lab-1-a
          Open Administration > Virtual Service Edges.
          Put the file at certs/lab-1-a.zip.
      Download the certificate of lab-1-a: done
      [lab-1-b-long] 8 Install the certificate › The certificate is installed … failed
       (2.1 s)
          lab-1-b-long refused certs/lab-1-b.zip: it was issued for lab-1-a
          hint: download the certificate of lab-1-b-long and put it at certs/lab-1-b.z
      ip
          | Verifying …
          | ERROR: serial mismatch
      [lab-1] stopped: 1 of 2 nodes failed, 0 may
      ✗ lab-1: stopped in 8 Install the certificate, 1 failed, 1 changed, 2 ok (25.0 s
      )

      lab-1        : ok=0 changed=0 unreachable=0 failed=0 skipped=0 rescued=0 ignored
      =0
      lab-1-a      : ok=2 changed=1 unreachable=0 failed=0 skipped=0 rescued=0 ignored
      =0
      lab-1-b-long : ok=1 changed=0 unreachable=0 failed=1 skipped=1 rescued=0 ignored
      =0
      3 targets: 3 ok (1 changed), 1 failed, 1 skipped in 1 min 30 s (1 min 30 s of la
      b time)
      "
    `)
  })

  test.each(SIZES)('leaves nothing of itself on a terminal of $columns × $rows', async (size) => {
    const drawn = rig(size)
    const undrawn = rig(size)
    for (const [index, event] of fleetRun({ clusters: 9, nodes: 4, phases: 3 }).entries()) {
      drawn.report(event)
      if (index % 3 === 0) drawn.frame()
      undrawn.report(event)
    }
    await drawn.close()
    await undrawn.close()
    expect(drawn.terminal.all()).toEqual(undrawn.terminal.all())
  })

  test('makes room while a person is asked, and comes back with the answer', () => {
    const { report, frame, terminal } = rig()
    const asked = realRun.findIndex(({ type }) => type === 'operator.asked')
    for (const event of realRun.slice(0, asked)) report(event)
    frame()
    report(realRun[asked]!)
    expect(terminal.cursorShown()).toBe(true)
    const before = terminal.all()
    expect(before.join('\n')).toMatchInlineSnapshot(`
      "[lab-1-a] 7 Configure the network › The network is configured: warning: the gate
      way does not answer to ping
      Download the certificate of lab-1-a
          Open Administration > Virtual Service Edges.
          Put the file at certs/lab-1-a.zip.
      "
    `)
    frame()
    expect(terminal.all()).toEqual(before)
    report(realRun[asked + 1]!)
    frame()
    expect(terminal.screen().join('\n')).toContain('1 running')
  })

  test('costs the same for ten thousand targets as for one screen of them', () => {
    const { report, frame, terminal } = rig()
    const events = fleetRun({ clusters: 700, nodes: 16, phases: 1 })
    for (const event of events.slice(0, events.length / 2)) report(event)
    frame()
    expect(terminal.screen().length).toBeLessThanOrEqual(24)
    expect(terminal.screen().join('\n')).toMatch(/more running/)
    expect(terminal.writes.join('').length).toBeLessThan(20_000)
  })
})

describe('what stays above the live area', () => {
  test('with --diff: what changes, before and after', async () => {
    const { report, terminal, close } = rig({ diff: true })
    for (const event of smallRun) report(event)
    await close()
    expect(terminal.all().join('\n')).toContain(
      '    address: none → "10.84.0.110"\n    dns: [ "10.84.0.1" ] →',
    )
  })

  test('with -vvv: the wire', async () => {
    const { report, terminal, close } = rig({ verbosity: 3 })
    for (const event of smallRun) report(event)
    await close()
    expect(terminal.all()).toContain('lab-1-a> 53 53 48 2d')
  })

  test('where only ASCII can be shown: ASCII', async () => {
    const { report, frame, terminal, close } = rig({ unicode: false, diff: true, verbosity: 3 })
    for (const event of smallRun) {
      report(event)
      frame()
    }
    await close()
    expect(terminal.writes.join('')).toMatch(/^\p{ASCII}+$/u)
  })

  test('is bounded while a person is asked', () => {
    const { report, terminal, frame } = rig({ verbosity: 3 })
    for (const event of realRun.filter(({ type }) => /run.started|operator.asked/.test(type))) report(event)
    const wire = smallRun.find(({ type }) => type === 'wire.traced')!
    for (let count = 0; count < 20_000; count++) report(wire)
    report(smallRun.find(({ type }) => type === 'operator.answered')!)
    frame()
    expect(terminal.all().length).toBeLessThan(5_100)
    expect(terminal.all().join('\n')).toContain('lines left out)')
  })
})

test('a run that never started closes quietly', async () => {
  const { close, terminal } = rig()
  await close()
  expect(terminal.writes).toEqual([])
})

test('a run that was cut off gives the screen back', async () => {
  const { report, frame, terminal, close } = rig()
  for (const event of smallRun.slice(0, 10)) report(event)
  frame()
  expect(terminal.cursorShown()).toBe(false)
  await close()
  expect(terminal.cursorShown()).toBe(true)
})

test('off a terminal there are lines, and no escape sequences', async () => {
  const out = textOutput()
  const reporter = createTree({ out, diff: false, verbosity: 0, colour: false, unicode: true })
  for (const event of smallRun) reporter.report(event)
  await reporter.close()
  expect(out.text()).toContain('[lab-1] 7 Configure the network: started')
  expect(out.text()).not.toContain('\u001b')
})

test('neither signals nor the process’s exit are the tree’s business after the run', async () => {
  const before = process.listenerCount('SIGINT') + process.listenerCount('exit')
  const { report, frame, close } = rig()
  for (const event of smallRun) {
    report(event)
    frame()
  }
  await close()
  expect(process.listenerCount('SIGINT') + process.listenerCount('exit')).toBe(before)
})
