import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { VimError } from '../../../src/connect/govmomi/error.ts'
import { rebootHost } from '../../../src/connect/govmomi/object/reboot.ts'
import { createPropertyReader } from '../../../src/connect/govmomi/property.ts'
import type { Arguments } from '../../../src/connect/govmomi/schema/values.ts'
import type { Session } from '../../../src/connect/govmomi/session.ts'
import { createWatcher } from '../../../src/connect/govmomi/watch.ts'
import { createJumpingClock } from '../../support/jumping-clock.ts'
import { answer, fault, startScriptedServer, type ScriptedServer } from './scripted-server.ts'

const { signal } = new AbortController()
const ref = { type: 'HostSystem', value: 'ha-host' }
const task = (value: string) => ({ type: 'Task', value })

/** A host that is its own server, put into maintenance mode by a run that was killed. */
const HOST = { ref, name: 'esx.acme', connected: true, ready: false, bootTime: '2026-01-01T00:00:00Z' }

describe('the reboot of a host that is its own server', () => {
  let server: ScriptedServer
  beforeAll(async () => {
    server = await startScriptedServer()
  })
  afterEach(() => server.forget())
  afterAll(() => server.close())

  function reboot(session: Session): Promise<void> {
    const collector = session.content.propertyCollector
    const properties = createPropertyReader(session, { collector, signal })
    const power = { session, watcher: createWatcher(session), properties, signal }
    return rebootHost(power, HOST as never, { tell: () => {}, isHeld: true, hold: () => Promise.resolve() })
  }

  it('is over when it is back, although it has forgotten its tasks', async () => {
    server.script = ({ operation, args }) => {
      if (operation === 'RebootHost_Task') return answer(operation, task('reboot'))
      if (operation === 'ExitMaintenanceMode_Task') return answer(operation, task('exit'))
      if (operation === 'CreatePropertyCollector')
        return answer(operation, { type: 'PropertyCollector', value: 'pc' })
      if (operation === 'CreateFilter') {
        const { obj } = (args as Arguments<'CreateFilter'>).spec.objectSet[0] ?? {}
        if (obj?.value === 'reboot') return fault('ManagedObjectNotFound', { obj })
        return answer(operation, { type: 'PropertyFilter', value: 'f' })
      }
      if (operation === 'WaitForUpdatesEx') {
        const changeSet = [{ name: 'info.state', op: 'assign', val: 'success' }]
        const objectSet = [{ kind: 'modify', obj: task('exit'), changeSet }]
        const filterSet = [{ filter: { type: 'PropertyFilter', value: 'f' }, objectSet }]
        return answer(operation, { version: '1', filterSet } as never)
      }
      if (operation !== 'RetrievePropertiesEx') return undefined
      const propSet = [
        { name: 'runtime.connectionState', val: 'connected' },
        { name: 'runtime.bootTime', val: '2026-02-02T00:00:00Z' },
      ]
      return answer(operation, { objects: [{ obj: ref, propSet }] } as never)
    }
    await reboot(await server.open())
    expect(server.seen).toContain('ExitMaintenanceMode_Task')
  })

  it('is given up after an hour, however long it takes to find out each time that it is not there', async () => {
    const clock = createJumpingClock()
    const session: Session = {
      ...(await server.open()),
      sleep: (ms, use) => clock.sleep(ms, use),
      async call(_operation, { signal: until }) {
        // Four times nobody answers the knock, with pauses.
        await clock.sleep(70_000, { signal: until })
        throw new VimError('connection', 'no answer in 15 s', { isUnsent: true })
      },
    }
    const start = clock.now()
    await expect(reboot(session)).rejects.toMatchObject({
      message:
        'esx.acme did not come back within an hour of its reboot; esx.acme is still in maintenance mode',
    })
    const minutes = (clock.now() - start) / 60_000
    expect(minutes).toBeGreaterThanOrEqual(60)
    expect(minutes).toBeLessThan(65)
  })
})
