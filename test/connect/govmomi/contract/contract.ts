/* oxlint-disable vitest/no-conditional-tests, vitest/valid-title, vitest/expect-expect -- this makes tests and is none */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { writeImage } from '../../../../src/lab/portal/image.ts'
import type { Behaviour } from './behaviour.ts'
import { differences } from './differences.ts'
import { hostBehaviours } from './host.ts'
import { importBehaviours } from './import.ts'
import { openKit, type Kit, type OpenKit } from './kit.ts'
import { machineBehaviours } from './machine.ts'
import { networkBehaviours } from './network.ts'
import { propertyBehaviours } from './property.ts'
import type { ServerName, ServerUnderTest } from './server.ts'
import { sessionBehaviours } from './session.ts'
import { taskBehaviours } from './task.ts'

/** The whole contract, by chapter. */
export const contract: Readonly<Record<string, readonly Behaviour[]>> = {
  sessions: sessionBehaviours,
  properties: propertyBehaviours,
  tasks: taskBehaviours,
  imports: importBehaviours,
  networks: networkBehaviours,
  hosts: hostBehaviours,
  machines: machineBehaviours,
}

function addTest(server: ServerName, { title, run }: Behaviour, kit: () => Kit): void {
  const difference = differences.find((one) => one.server === server && one.behaviour === title)
  if (difference === undefined) {
    it(title, () => run(kit()))
    return
  }
  it(`differs: “${title}”, because ${difference.reason}`, async () => {
    const error = await run(kit()).then(
      () => undefined,
      (cause: unknown) => cause,
    )
    expect(error, 'the difference is gone: take it out of the table').toBeDefined()
    expect((error as Error).message).toMatch(difference.shows)
  })
}

/** Holds a server against the contract, with one instance of it for all behaviours. */
export function describeContract(
  server: ServerName,
  kind: 'vcenter' | 'esxi',
  open: () => Promise<ServerUnderTest>,
): void {
  describe(server, () => {
    let under: ServerUnderTest
    let opened: OpenKit
    let folder: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'contract-'))
      const image = join(folder, 'vse.ova')
      await writeImage(image)
      under = await open()
      opened = await openKit(under, image)
    })
    afterAll(async () => {
      await opened[Symbol.asyncDispose]()
      await under[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    })
    for (const [chapter, behaviours] of Object.entries(contract)) {
      describe(chapter, () => {
        for (const behaviour of behaviours) {
          if ((behaviour.only ?? kind) === kind) addTest(server, behaviour, () => opened.kit)
        }
      })
    }
  })
}
