import { expect, test } from 'vitest'

import { createLines } from '../../src/report/lines.ts'
import { realRun, smallRun } from './support/recorded-run.ts'
import { textOutput } from './support/text-output.ts'

function transcript(options: Partial<Parameters<typeof createLines>[0]> = {}): string {
  const out = textOutput()
  const reporter = createLines({
    out,
    diff: false,
    verbosity: 0,
    colour: false,
    unicode: true,
    ...options,
  })
  for (const event of smallRun) reporter.report(event)
  return `\n${out.text()}`
}

test('a log tells of phases, changes, warnings and failures, and ends with the recap', () => {
  expect(transcript()).toMatchInlineSnapshot(`
    "
    deploy · lab · 3 targets · 5 steps · lab time, 60 times faster
    [lab-1] 7 Configure the network: started (2 targets)
    [lab-1] 7 Configure the network: batch 1 of 2 (lab-1-a)
    [lab-1-a] 7 Configure the network › The network is configured: warning: the gateway does not answer to ping
    [lab-1-a] 7 Configure the network › The network is configured … changed (2.1 s)
    [lab-1] 7 Configure the network: 1 changed, 1 ok (10.0 s)
    [lab-1] 8 Install the certificate: started (2 targets)
    Download the certificate of lab-1-a
        Open Administration > Virtual Service Edges.
        Put the file at certs/lab-1-a.zip.
    Download the certificate of lab-1-a: done
    [lab-1-b-long] 8 Install the certificate › The certificate is installed … failed (2.1 s)
        lab-1-b-long refused certs/lab-1-b.zip: it was issued for lab-1-a
        hint: download the certificate of lab-1-b-long and put it at certs/lab-1-b.zip
        | Verifying …
        | ERROR: serial mismatch
    [lab-1] 8 Install the certificate: stopped, 1 of 2 nodes failed, 0 may
    [lab-1] 8 Install the certificate: 1 failed, 1 ok (14.0 s)

    lab-1        : ok=0 changed=0 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0
    lab-1-a      : ok=2 changed=1 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0
    lab-1-b-long : ok=1 changed=0 unreachable=0 failed=1 skipped=1 rescued=0 ignored=0
    3 targets: 3 ok (1 changed), 1 failed, 1 skipped in 1 min 30 s (1 min 30 s of lab time)
    "
  `)
})

test('with --diff a change shows before and after', () => {
  expect(transcript({ diff: true })).toMatchInlineSnapshot(`
    "
    deploy · lab · 3 targets · 5 steps · lab time, 60 times faster
    [lab-1] 7 Configure the network: started (2 targets)
    [lab-1] 7 Configure the network: batch 1 of 2 (lab-1-a)
    [lab-1-a] 7 Configure the network › The network is configured: warning: the gateway does not answer to ping
    [lab-1-a] 7 Configure the network › The network is configured … changed (2.1 s)
        address: none → "10.84.0.110"
        dns: [ "10.84.0.1" ] → [ "10.84.0.53", "10.84.0.54" ] (in this order)
    [lab-1] 7 Configure the network: 1 changed, 1 ok (10.0 s)
    [lab-1] 8 Install the certificate: started (2 targets)
    Download the certificate of lab-1-a
        Open Administration > Virtual Service Edges.
        Put the file at certs/lab-1-a.zip.
    Download the certificate of lab-1-a: done
    [lab-1-b-long] 8 Install the certificate › The certificate is installed … failed (2.1 s)
        lab-1-b-long refused certs/lab-1-b.zip: it was issued for lab-1-a
        hint: download the certificate of lab-1-b-long and put it at certs/lab-1-b.zip
        | Verifying …
        | ERROR: serial mismatch
    [lab-1] 8 Install the certificate: stopped, 1 of 2 nodes failed, 0 may
    [lab-1] 8 Install the certificate: 1 failed, 1 ok (14.0 s)

    lab-1        : ok=0 changed=0 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0
    lab-1-a      : ok=2 changed=1 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0
    lab-1-b-long : ok=1 changed=0 unreachable=0 failed=1 skipped=1 rescued=0 ignored=0
    3 targets: 3 ok (1 changed), 1 failed, 1 skipped in 1 min 30 s (1 min 30 s of lab time)
    "
  `)
})

test('with -v a log tells of what found nothing to do, of waits, retries and commands', () => {
  expect(transcript({ verbosity: 1 })).toMatchInlineSnapshot(`
    "
    deploy · lab · 3 targets · 5 steps · lab time, 60 times faster
    [lab-1] 7 Configure the network: started (2 targets)
    [lab-1] 7 Configure the network: batch 1 of 2 (lab-1-a)
    lab-1-a> sudo vzen configure-network
    [lab-1-a] 7 Configure the network › The network is configured: warning: the gateway does not answer to ping
    [lab-1-a] 7 Configure the network › The network is configured … changed (2.1 s)
    [lab-1-b-long] 7 Configure the network › The network is configured … ok (2.1 s)
    [lab-1] 7 Configure the network: 1 changed, 1 ok (10.0 s)
    [lab-1] 8 Install the certificate: started (2 targets)
    [lab-1-a] 8 Install the certificate › The certificate is installed: waiting (limit) for 1 of 2 places at datastore ds1
    Download the certificate of lab-1-a
        Open Administration > Virtual Service Edges.
        Put the file at certs/lab-1-a.zip.
    Download the certificate of lab-1-a: done
    [lab-1-a] 8 Install the certificate › The certificate is installed … ok (2.1 s)
    [lab-1-b-long] 8 Install the certificate › The certificate is installed: attempt 1 of 2 failed, trying again
        10.84.0.111:22 refused the connection
    [lab-1-b-long] 8 Install the certificate › The certificate is installed … failed (2.1 s)
        lab-1-b-long refused certs/lab-1-b.zip: it was issued for lab-1-a
        hint: download the certificate of lab-1-b-long and put it at certs/lab-1-b.zip
        | Verifying …
        | ERROR: serial mismatch
    [lab-1] 8 Install the certificate: stopped, 1 of 2 nodes failed, 0 may
    [lab-1] 8 Install the certificate: 1 failed, 1 ok (14.0 s)
    [lab-1-b-long] Test the configuration › The node is active … skipped (an earlier step failed)

    lab-1        : ok=0 changed=0 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0
    lab-1-a      : ok=2 changed=1 unreachable=0 failed=0 skipped=0 rescued=0 ignored=0
    lab-1-b-long : ok=1 changed=0 unreachable=0 failed=1 skipped=1 rescued=0 ignored=0
    3 targets: 3 ok (1 changed), 1 failed, 1 skipped in 1 min 30 s (1 min 30 s of lab time)
    "
  `)
})

test('the wire is shown with -vvv only', () => {
  expect(transcript({ verbosity: 2 })).not.toContain('53 53 48 2d')
  expect(transcript({ verbosity: 3 })).toContain('lab-1-a> 53 53 48 2d\nlab-1-a> 32 2e 30\n')
})

test('where only ASCII can be shown, only ASCII is written', () => {
  expect(transcript({ unicode: false, diff: true, verbosity: 3 })).toMatch(/^\p{ASCII}+$/u)
})

test('colours appear only when they are asked for', () => {
  expect(transcript()).not.toContain('\u001b')
  expect(transcript({ colour: true })).toContain('\u001b[')
})

test('a person is told what to do', () => {
  const out = textOutput()
  const reporter = createLines({ out, diff: false, verbosity: 0, colour: false, unicode: true })
  for (const event of realRun) reporter.report(event)
  expect(out.text()).toContain(
    'Download the certificate of lab-1-a\n    Open Administration > Virtual Service Edges.\n',
  )
})

test('what may take long is told of, and other waits only where more is asked for', () => {
  const out = textOutput()
  const reporter = createLines({ out, diff: false, verbosity: 0, colour: false, unicode: true })
  for (const kind of ['health', 'diagnosis', 'retry'] as const)
    reporter.report({
      type: 'step.waiting',
      time: 1,
      step: '7.build',
      name: 'The build runs',
      phase: '7',
      target: 'lab-1-a',
      kind,
      reason: `for ${kind}`,
    })
  expect(out.text()).toMatch(/\(health\) for health\n.*\(diagnosis\) for diagnosis\n$/)
})

test('a question is shown, and its answer', () => {
  const out = textOutput()
  const reporter = createLines({ out, diff: false, verbosity: 0, colour: false, unicode: true })
  reporter.report({ type: 'operator.asked', time: 1, target: 'lab-1-a', title: 'Go on?', lines: [] })
  expect(out.text()).toBe('Go on?\n')
  reporter.report({ type: 'operator.answered', time: 2, title: 'Go on?', answer: 'yes' })
  expect(out.text()).toBe('Go on?\nGo on?: yes\n')
})
