import type { Input, MoRef } from '../../connect/govmomi/schema/values.ts'
import { method, type ManagedObject } from './model/managed-object.ts'
import { MethodFault, faults, toLocalizedFault } from './model/method-fault.ts'
import type { TaskOrder, Tasks } from './model/tasks.ts'
import type { World } from './model/world.ts'

/** How many finished tasks a server remembers. */
const REMEMBERED = 200

interface TaskState {
  state: 'queued' | 'running' | 'success' | 'error'
  readonly queueTime: number
  startTime?: number
  completeTime?: number
  result?: MoRef | string
  error?: Input<'LocalizedMethodFault'>
  cancelled: boolean
}

interface Job {
  readonly ref: MoRef & { readonly type: 'Task' }
  readonly order: TaskOrder
  readonly state: TaskState
  readonly stop: AbortController
}

/** Makes a server's tasks. */
export function createTasks(world: World): Tasks {
  const busy = new Map<string, MoRef>()
  const running = new Set<Promise<void>>()
  const finished: string[] = []
  let last = 0

  async function perform(job: Job, run: () => Promise<MoRef | string | undefined>): Promise<void> {
    const { ref, order, state, stop } = job
    state.state = 'running'
    state.startTime = world.clock.now()
    try {
      await world.clock.sleep(order.duration, { signal: AbortSignal.any([stop.signal, world.signal]) })
      if (world.faults.take('task-failure')) throw faults.systemError('the task was made to fail')
      const result = await run()
      await world.saves.settled()
      if (result !== undefined) state.result = result
      state.state = 'success'
    } catch (error) {
      state.error = toLocalizedFault(toFault(error, state.cancelled))
      state.state = 'error'
    }
    state.completeTime = world.clock.now()
    busy.delete(order.entity.value)
    finished.push(ref.value)
    if (finished.length > REMEMBERED) world.objects.delete(finished.shift() ?? '')
    world.changes.touch(ref.value)
  }

  return {
    start(order, run) {
      const other = busy.get(order.entity.value)
      if (order.entity.type === 'VirtualMachine' && other !== undefined) throw faults.taskInProgress(other)
      const job: Job = {
        ref: { type: 'Task', value: `task-${++last}` },
        order,
        state: { state: 'queued', queueTime: world.clock.now(), cancelled: false },
        stop: new AbortController(),
      }
      world.objects.set(job.ref.value, createTask(job))
      busy.set(order.entity.value, job.ref)
      const work = perform(job, run)
      running.add(work)
      void work.finally(() => running.delete(work))
      return job.ref
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

function createTask({ ref, order, state, stop }: Job): ManagedObject {
  return {
    ref,
    properties: { info: () => describeTask(ref, order, state) },
    methods: {
      CancelTask: method(() => {
        if (state.state === 'success' || state.state === 'error') throw faults.invalidState()
        state.cancelled = true
        stop.abort()
      }),
    },
  }
}

function describeTask(ref: MoRef, order: TaskOrder, state: TaskState): Input<'TaskInfo'> {
  return {
    key: ref.value,
    task: ref,
    name: `${order.description.split('.').at(-1)}_Task`,
    descriptionId: order.description,
    entity: order.entity,
    entityName: order.entityName,
    state: state.state,
    cancelled: state.cancelled,
    cancelable: state.state === 'queued' || state.state === 'running',
    error: state.error,
    result: state.result,
    reason: { $type: 'TaskReasonUser', userName: order.userName } as Input<'TaskReason'>,
    queueTime: new Date(state.queueTime).toISOString(),
    startTime: state.startTime === undefined ? undefined : new Date(state.startTime).toISOString(),
    completeTime: state.completeTime === undefined ? undefined : new Date(state.completeTime).toISOString(),
    eventChainId: Number(ref.value.slice('task-'.length)),
  }
}

function toFault(error: unknown, cancelled: boolean): MethodFault {
  if (error instanceof MethodFault) return error
  if (cancelled) return faults.requestCanceled()
  return faults.systemError(error instanceof Error ? error.message : String(error))
}
