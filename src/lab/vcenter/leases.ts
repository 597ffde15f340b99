import { randomBytes } from 'node:crypto'

import type { Lease, Leases } from './model/lease.ts'
import { faults, type MethodFault } from './model/method-fault.ts'
import type { Vm } from './model/vm.ts'
import type { World } from './model/world.ts'
import { createLeaseObject } from './objects/http-nfc-lease.ts'

/** Milliseconds that a server takes to get an import ready. */
const PREPARATION = 2000

/** Makes the imports of a server. */
export function createLeases(world: World, { timeout }: { readonly timeout: number }): Leases {
  const leases = new Map<string, Lease>()
  let last = 0

  // A process that was busy elsewhere must not blame the client: what has arrived by now is served first.
  async function wait(ms: number, signal: AbortSignal): Promise<void> {
    await world.clock.sleep(ms, { signal })
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => void setImmediate(resolve))
  }

  async function expire(vm: Vm): Promise<void> {
    await wait(timeout, world.signal)
    if (vm.state.importing && world.vms.find(vm.ref.value) === vm) await world.vms.destroy(vm)
  }

  return {
    timeout,
    find: (token) => leases.get(token),
    get size() {
      return leases.size
    },
    resume() {
      for (const vm of world.vms.all()) if (vm.state.importing) expire(vm).catch(() => {})
    },
    open(vm, { files, session, refusal }) {
      const stop = new AbortController()
      const state: { name: Lease['state']; percent: number; error?: MethodFault; deadline: number } = {
        name: 'initializing',
        percent: 0,
        deadline: Number.POSITIVE_INFINITY,
      }
      // Whoever wants something else of the machine meanwhile is told that this is under way.
      const task = world.tasks.open({
        entity: vm.ref,
        entityName: vm.state.name,
        description: 'ResourcePool.ImportVAppLRO',
        userName: session.userName,
        shared: true,
      })
      function enter(name: Lease['state']): void {
        state.name = name
        world.changes.touch(lease.ref.value)
      }
      function end(name: 'done' | 'error'): void {
        stop.abort()
        leases.delete(lease.token)
        task.end(state.error)
        enter(name)
      }
      const lease: Lease = {
        ref: { type: 'HttpNfcLease', value: `session[${session.key}]lease-${++last}` },
        token: randomBytes(12).toString('hex'),
        vm,
        files,
        get state() {
          return state.name
        },
        get percent() {
          return state.percent
        },
        get error() {
          return state.error
        },
        renew(percent) {
          state.percent = percent
          task.report(percent)
          state.deadline = world.clock.now() + timeout
        },
        complete() {
          vm.update({ importing: false })
          end('done')
        },
        async fail(fault) {
          if (state.name === 'done' || state.name === 'error') return
          state.error = fault
          end('error')
          if (world.vms.find(vm.ref.value) === vm) await world.vms.destroy(vm)
        },
      }

      async function live(): Promise<void> {
        const signal = AbortSignal.any([stop.signal, world.signal])
        await world.clock.sleep(PREPARATION, { signal })
        if (world.faults.take('lease-error'))
          return lease.fail(faults.systemError('the import was made to fail'))
        if (refusal !== undefined) return lease.fail(refusal)
        if (world.faults.take('lease-stuck')) return
        lease.renew(0)
        enter('ready')
        for (let left = timeout; left > 0; left = state.deadline - world.clock.now()) await wait(left, signal)
        await lease.fail(faults.timedOut())
      }

      leases.set(lease.token, lease)
      world.sessions.objectsOf(session).set(lease.ref.value, createLeaseObject(world, lease))
      // A server that stops forgets its sessions, but not what it was doing for them.
      const abandon = (): void => {
        if (!world.signal.aborted) lease.fail(faults.requestCanceled()).catch(() => {})
      }
      session.signal.addEventListener('abort', abandon, { signal: stop.signal })
      live().catch(() => {})
      return lease
    },
  }
}
