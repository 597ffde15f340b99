import { once, setMaxListeners } from 'node:events'

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { VimError } from '../../../src/connect/govmomi/error.ts'
import type { OperationName } from '../../../src/connect/govmomi/schema/operations.ts'
import type { Arguments, MoRef } from '../../../src/connect/govmomi/schema/values.ts'
import { openSession, type Session } from '../../../src/connect/govmomi/session.ts'
import { waitForTask } from '../../../src/connect/govmomi/task.ts'
import { createWatcher, type Watcher } from '../../../src/connect/govmomi/watch.ts'
import { createLabClock } from '../../../src/lab/clock.ts'
import { makeFolder, openRig, removeFolder, SEED, type Client, type Rig } from '../../lab/vcenter/rig.ts'
import { answer, fault, page, startScriptedServer, type ScriptedServer } from './scripted-server.ts'

const { signal } = new AbortController()
// Many watches of one run share its signal.
setMaxListeners(0, signal)

describe('a watcher of the lab’s vCenter', () => {
  const sent: string[] = []
  let rig: Rig
  let owner: Client
  let session: Session
  let watcher: Watcher
  let vm: MoRef

  const count = (operation: string): number =>
    sent.filter((line) => line.startsWith(`${operation} `) && !line.includes('→')).length
  const filtersOf = async (): Promise<number> => {
    const collectors = new Set(sent.flatMap((line) => /^WaitForUpdatesEx (\S+)/.exec(line)?.[1] ?? []))
    const left = await Promise.all(
      [...collectors].map((value) =>
        session
          .call('RetrievePropertiesEx', {
            self: session.content.propertyCollector,
            args: {
              specSet: [
                {
                  propSet: [{ type: 'PropertyCollector', pathSet: ['filter'] }],
                  objectSet: [{ obj: { type: 'PropertyCollector', value } }],
                },
              ],
              options: {},
            },
            signal,
          })
          .then(
            (found) => (found?.objects[0]?.propSet[0]?.val as readonly MoRef[] | undefined)?.length ?? 0,
            () => 0,
          ),
      ),
    )
    return left.reduce((sum, each) => sum + each, 0)
  }
  const start = (operation: 'PowerOnVM_Task' | 'PowerOffVM_Task'): Promise<MoRef> =>
    session.call(operation, { self: vm, args: {}, signal })
  const nameBecomes = (name: string, stop: AbortSignal = signal): Promise<void> =>
    watcher.watch({
      type: 'VirtualMachine',
      ref: vm,
      paths: ['name'],
      signal: stop,
      until: (seen) => seen.get('name') === name,
    })
  const rename = async (newName: string): Promise<unknown> =>
    waitForTask(
      { session, watcher },
      await session.call('Rename_Task', { self: vm, args: { newName }, signal }),
      { signal, what: 'renaming' },
    )

  beforeAll(async () => {
    rig = await openRig(SEED, { folder: await makeFolder() })
    owner = await rig.login()
    vm = await owner.importVm('edge-1')
  })
  beforeEach(async () => {
    const clock = createLabClock(1000)
    session = await openSession({
      address: { host: SEED.host, port: SEED.port },
      username: SEED.username,
      password: () => SEED.password.reveal(),
      dial: (address, options) => rig.network.dial(address, options),
      trusted: rig.network.trusted,
      signal,
      sleep: (ms, options) => clock.sleep(ms, options),
      trace: (text) => sent.push(text),
    })
    watcher = createWatcher(session)
    sent.length = 0
  })
  afterEach(() => session.close())
  afterAll(async () => {
    await owner.close()
    await rig.close()
    await removeFolder(rig.folder)
  })

  it('asks one question at a time for all of many watches', async () => {
    const names = Array.from({ length: 5 }, (_, index) => `edge-${index + 2}`)
    const watches = names.map((name) => nameBecomes(name))
    const on = await start('PowerOnVM_Task')
    const progress: number[] = []
    await waitForTask({ session, watcher }, on, {
      signal,
      what: 'switching on',
      onProgress: (percent) => progress.push(percent),
    })
    for (const name of names) await rename(name)
    await Promise.all(watches)
    expect(count('CreatePropertyCollector')).toBe(1)
    const marks = sent.flatMap((line) => {
      if (line.startsWith('WaitForUpdatesEx ')) return line.includes('→') ? [-1] : [1]
      return []
    })
    let open = 0
    for (const mark of marks) expect((open += mark)).toBeLessThanOrEqual(1)
    expect(progress.toSorted((a, b) => a - b)).toEqual(progress)
    expect(await filtersOf()).toBe(0)
    await waitForTask({ session, watcher }, await start('PowerOffVM_Task'), { signal, what: 'off' })
  })

  it('goes on through the end of its session as if nothing had been', async () => {
    const first = nameBecomes('after')
    const second = nameBecomes('after')
    await expect.poll(() => count('CreateFilter'), { interval: 5 }).toBe(2)
    rig.vcenter.faults.inject('session-expiry')
    await rename('after')
    await Promise.all([first, second])
    expect(session.logins()).toBe(2)
    expect(await filtersOf()).toBe(0)
  })

  it('leaves nothing on the server when it is stopped, and can be used again', async () => {
    const stop = new AbortController()
    const watch = nameBecomes('never', stop.signal)
    await expect.poll(() => count('WaitForUpdatesEx'), { interval: 5 }).toBeGreaterThan(1)
    stop.abort(new Error('enough'))
    await expect(watch).rejects.toThrow('enough')
    expect(count('DestroyPropertyCollector')).toBeGreaterThan(0)
    expect(await filtersOf()).toBe(0)
    await rename('later')
    await nameBecomes('later')
  })

  it('stops one watch without disturbing another', async () => {
    const stop = new AbortController()
    const stopped = nameBecomes('never', stop.signal)
    const other = nameBecomes('other')
    await expect.poll(() => count('WaitForUpdatesEx'), { interval: 5 }).toBeGreaterThan(1)
    stop.abort(new Error('enough'))
    await expect(stopped).rejects.toThrow('enough')
    await rename('other')
    await other
    expect(count('DestroyPropertyCollector')).toBe(0)
    expect(await filtersOf()).toBe(0)
  })

  it('fails a watch of what is not there, and the one whose condition throws, and no other', async () => {
    const other = nameBecomes('still')
    const gone = { type: 'VirtualMachine' as const, ref: { type: 'VirtualMachine', value: 'vm-0' } }
    await expect(
      watcher.watch({ ...gone, paths: ['name'], signal, until: () => true }),
    ).rejects.toMatchObject({ fault: { type: 'ManagedObjectNotFound' } })
    const broken = (): boolean => {
      throw new RangeError('too far')
    }
    await expect(
      watcher.watch({ type: 'VirtualMachine', ref: vm, paths: ['name'], signal, until: broken }),
    ).rejects.toThrow(RangeError)
    await rename('still')
    await other
  })

  it('takes a property that is removed for one that is not set', async () => {
    const on = start('PowerOnVM_Task')
    await waitForTask({ session, watcher }, await on, { signal, what: 'on' })
    const seen: unknown[] = []
    const off = once(AbortSignal.timeout(0), 'abort').then(() => start('PowerOffVM_Task'))
    await watcher.watch({
      type: 'VirtualMachine',
      ref: vm,
      paths: ['runtime.host', 'runtime.bootTime', 'runtime.powerState'],
      signal,
      until(values) {
        seen.push(values.get('runtime.bootTime'))
        return values.get('runtime.powerState') === 'poweredOff'
      },
    })
    await waitForTask({ session, watcher }, await off, { signal, what: 'off' })
    expect(seen).not.toContain('')
    expect(seen.at(-1)).toBeUndefined()
  })
})

/** How far a task is. */
interface Look {
  readonly state: string
  readonly progress?: number
}

describe('a watcher of a server that has its ways', () => {
  const TASK = { type: 'Task', value: 'task-1' }
  const collector = { type: 'PropertyCollector', value: 'pc' }
  const filter = { type: 'PropertyFilter', value: 'f' }
  let server: ScriptedServer
  beforeAll(async () => {
    server = await startScriptedServer()
  })
  afterEach(() => server.forget())
  afterAll(() => server.close())

  const update = (state: string, more: readonly object[] = []) =>
    answer('WaitForUpdatesEx', {
      version: '1',
      filterSet: [
        {
          filter,
          objectSet: [
            {
              kind: 'modify',
              obj: TASK,
              changeSet: [{ name: 'info.state', op: 'assign', val: state }, ...more],
            },
          ],
        },
      ],
    } as never)

  /** A server that answers the waits of a task with these, one after the other. */
  function sayToWaits(replies: readonly (ReturnType<typeof update> | undefined)[]): void {
    const left = [...replies]
    server.script = ({ operation }) => {
      if (operation === 'CreatePropertyCollector') return answer(operation, collector)
      if (operation === 'CreateFilter') return answer(operation, filter)
      return operation === 'WaitForUpdatesEx' ? left.shift() : undefined
    }
  }
  const wait = async (options: { signal?: AbortSignal } = {}) => {
    const session = await server.open()
    return waitForTask({ session, watcher: createWatcher(session) }, TASK, { signal, what: 'it', ...options })
  }
  const count = (operation: OperationName): number => server.seen.filter((seen) => seen === operation).length

  it('asks again after an answer without news, and starts over when its version is refused', async () => {
    sayToWaits([undefined, update('running'), fault('InvalidCollectorVersion'), update('success')])
    await wait()
    expect(count('WaitForUpdatesEx')).toBe(4)
  })

  it('asks for less time where something in between ends what takes long, and goes on', async () => {
    const cut = Array.from({ length: 4 }, () => page(504))
    sayToWaits([...cut, ...cut, update('running'), undefined, ...cut, update('success')])
    const { script } = server
    const seconds: (number | undefined)[] = []
    server.script = (request) => {
      if (request.operation === 'WaitForUpdatesEx') {
        const { options } = request.args as Arguments<'WaitForUpdatesEx'>
        seconds.push(options?.maxWaitSeconds)
      }
      return script(request)
    }
    await wait()
    expect(seconds).toEqual([20, 20, 20, 20, 5, 5, 5, 5, 2, 2, 2, 2, 2, 2, 1])
    expect(count('CreatePropertyCollector')).toBe(1)
  })

  it('gives up where no wait is let through, and where the server says nothing else either', async () => {
    sayToWaits(Array.from({ length: 99 }, () => page(504)))
    await expect(wait()).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('HTTP 504'),
    })
    expect(count('WaitForUpdatesEx')).toBe(5 * 4)
    await server.forget()
    sayToWaits(Array.from({ length: 99 }, () => page(504)))
    const { script } = server
    server.script = (request) => (request.operation === 'CurrentTime' ? page(503) : script(request))
    await expect(wait()).rejects.toMatchObject({ message: expect.stringContaining('HTTP 504') })
    expect(count('WaitForUpdatesEx')).toBe(4)
  })

  it('asks again for everything where the answer is lost that would have told a new watch how things are', async () => {
    const session = await server.open()
    const watcher = createWatcher(session)
    const cuts = Array.from({ length: 4 }, () => page(504))
    const versions: (string | undefined)[] = []
    server.script = ({ operation, args }) => {
      if (operation === 'CreatePropertyCollector') return answer(operation, collector)
      if (operation === 'CreateFilter') return answer(operation, filter)
      if (operation !== 'WaitForUpdatesEx') return undefined
      if (count('CreateFilter') === 1) return count(operation) === 1 ? update('running') : undefined
      const { version } = args as Arguments<'WaitForUpdatesEx'>
      // What was asked before the second filter came has no news.
      if (version !== '' && versions.length === 0) return undefined
      versions.push(version)
      return cuts.pop() ?? update('success')
    }
    const wait = () => waitForTask({ session, watcher }, TASK, { signal, what: 'it' })
    const first = wait()
    await expect.poll(() => count('WaitForUpdatesEx')).toBeGreaterThan(1)
    await Promise.all([first, wait()])
    expect(versions).toEqual(['', '', '', '', ''])
  })

  it('asks for less time, too, where what takes long is swallowed', async () => {
    const asked: (number | undefined)[] = []
    sayToWaits([update('success')])
    const open = await server.open()
    const session: Session = {
      ...open,
      call(operation, call) {
        if (operation === 'WaitForUpdatesEx') {
          const { options } = call.args as Arguments<'WaitForUpdatesEx'>
          asked.push(options?.maxWaitSeconds)
          if (asked.length < 3) return Promise.reject(new VimError('timeout', 'no answer within 80 s'))
        }
        return open.call(operation, call)
      },
    }
    await waitForTask({ session, watcher: createWatcher(session) }, TASK, { signal, what: 'it' })
    expect(asked).toEqual([20, 5, 2])
  })

  it('makes its collector anew when the server has lost it', async () => {
    sayToWaits([fault('ManagedObjectNotFound', { obj: collector }), update('success')])
    await wait()
    expect(count('CreatePropertyCollector')).toBe(2)
    expect(count('CreateFilter')).toBe(2)
  })

  it('gives up on a server that loses it again and again', async () => {
    sayToWaits(Array.from({ length: 9 }, () => fault('ManagedObjectNotFound', { obj: collector })))
    await expect(wait()).rejects.toThrow('loses its property collector again and again')
  })

  it('fails where a property is hidden from the user, and not where it is only not there yet', async () => {
    const hidden = (type: string) => ({
      path: 'info.result',
      fault: { fault: { $type: type }, localizedMessage: 'no' },
    })
    const withMissing = (type: string) =>
      answer('WaitForUpdatesEx', {
        version: '1',
        filterSet: [{ filter, objectSet: [{ kind: 'enter', obj: TASK, missingSet: [hidden(type)] }] }],
      } as never)
    sayToWaits([withMissing('InvalidState'), update('success')])
    await wait()
    sayToWaits([withMissing('NoPermission')])
    await expect(wait()).rejects.toThrow('does not show its info.result')
  })

  it('cancels a task that is stopped where the task can be cancelled', async () => {
    for (const cancelable of [true, false]) {
      const stop = new AbortController()
      sayToWaits([update('running', [{ name: 'info.cancelable', op: 'assign', val: cancelable }])])
      const { script } = server
      server.script = (request) => {
        const reply = script(request)
        if (request.operation !== 'WaitForUpdatesEx' || reply !== undefined) return reply
        stop.abort(new Error('enough'))
        return () => undefined
      }
      await expect(wait({ signal: stop.signal })).rejects.toThrow('enough')
      expect(count('CancelTask')).toBe(1)
    }
  })

  /** Waits where an hour passes at once; the server says at each look how far the task is. */
  async function waitForHours(looks: readonly Look[]) {
    const hurried = createLabClock(1000)
    let at = 0
    const session = await server.open({
      sleep: (ms, use) => hurried.sleep(ms < 60 * 60_000 ? ms : 1000, use),
    })
    const { script } = server
    server.script = (request) => {
      if (request.operation === 'RetrievePropertiesEx') {
        const { state, progress }: Look = looks[at] ?? { state: 'success' }
        at += 1
        const time = '2026-01-01T00:00:00Z'
        const val = {
          $type: 'TaskInfo',
          key: 'task-1',
          task: TASK,
          descriptionId: 'x',
          state,
          cancelled: false,
          cancelable: true,
          progress,
          reason: { $type: 'TaskReason' },
          queueTime: time,
          eventChainId: 1,
        }
        return answer('RetrievePropertiesEx', {
          objects: [{ obj: TASK, propSet: [{ name: 'info', val }] }],
        } as never)
      }
      if (request.operation === 'WaitForUpdatesEx' && at >= looks.length) return update('success')
      return script(request)
    }
    return waitForTask({ session, watcher: createWatcher(session) }, TASK, { signal, what: 'the copy' })
  }

  it('gives up a task that stands still for an hour, and tells the server to cancel it', async () => {
    sayToWaits([update('running')])
    const slow = Array.from({ length: 9 }, () => ({ state: 'running', progress: 10 }))
    await expect(waitForHours([{ state: 'queued' }, ...slow])).rejects.toMatchObject({
      code: 'stalled',
      message: 'the copy has stood still for 60 minutes',
    })
    expect(count('RetrievePropertiesEx')).toBe(3)
    expect(count('CancelTask')).toBe(1)
  })

  it.each([
    ['that does not say how far it is', { state: 'running' }],
    ['that is nearly done', { state: 'running', progress: 95 }],
  ] as const)('waits for hours, and not for ever, for a task %s', async (_, look) => {
    sayToWaits([update('running')])
    await waitForHours([look, look, look, look, look, look])
    expect(count('CancelTask')).toBe(0)
    sayToWaits([update('running')])
    await expect(waitForHours(Array.from({ length: 20 }, () => look))).rejects.toMatchObject({
      code: 'stalled',
      message: 'the copy has stood still for 480 minutes',
    })
    expect(count('CancelTask')).toBe(1)
  })

  it('waits for hours for a task that goes on', async () => {
    sayToWaits([update('running')])
    await waitForHours([10, 20, 30, 40].map((progress) => ({ state: 'running', progress })))
    expect(count('RetrievePropertiesEx')).toBeGreaterThanOrEqual(4)
    expect(count('CancelTask')).toBe(0)
  })
})
