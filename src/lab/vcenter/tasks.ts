import type { Input, MoRef } from '../../connect/govmomi/schema/values.ts'
import { method, type ManagedObject } from './model/managed-object.ts'
import { MethodFault, faults, toLocalizedFault } from './model/method-fault.ts'
import type { OpenTask, TaskOrder, TaskResult, Tasks, TaskWork } from './model/tasks.ts'
import type { World } from './model/world.ts'

/** How many finished tasks a server remembers. */
const REMEMBERED = 200

/** Milliseconds of the lab's time from which on a task reports its progress. */
const LONG = 10_000

/** How far a task is, in percent, when it is made to fail. */
const STRUCK_AT = 40

interface TaskState {
  state: 'queued' | 'running' | 'success' | 'error'
  readonly queueTime: number
  startTime?: number
  completeTime?: number
  progress?: number
  result?: TaskResult
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
  const jobs = new Set<Job>()
  const running = new Set<Promise<void>>()
  const finished: string[] = []
  let last = 0

  async function perform(job: Job, run: (work: TaskWork) => Promise<TaskResult>): Promise<void> {
    const { ref, order, state, stop } = job
    state.state = 'running'
    state.startTime = world.clock.now()
    try {
      const signal = AbortSignal.any([stop.signal, world.signal])
      const report = (percent: number): void => {
        state.progress = percent
        world.changes.touch(ref.value)
      }
      await pass(order.duration, { signal, report })
      if (world.faults.take('task-failure')) {
        report(STRUCK_AT)
        throw faults.systemError('the task was made to fail')
      }
      const result = await run({ signal, report })
      await world.saves.settled()
      if (result !== undefined) state.result = result
      state.state = 'success'
    } catch (error) {
      state.error = toLocalizedFault(toFault(error, state.cancelled))
      state.state = 'error'
    }
    finish(job)
  }

  function finish(job: Job): void {
    const { ref, state } = job
    state.completeTime = world.clock.now()
    jobs.delete(job)
    finished.push(ref.value)
    if (finished.length > REMEMBERED) world.objects.delete(finished.shift() ?? '')
    world.changes.touch(ref.value)
  }

  function add(order: TaskOrder): Job {
    const other = findRival(jobs, order)
    if (other !== undefined) throw faults.taskInProgress(other.ref)
    const job: Job = {
      ref: { type: 'Task', value: `task-${++last}` },
      order,
      state: { state: 'queued', queueTime: world.clock.now(), cancelled: false },
      stop: new AbortController(),
    }
    world.objects.set(job.ref.value, createTask(job))
    jobs.add(job)
    return job
  }

  // Long work says now and then how far it is.
  async function pass(duration: number, { signal, report }: TaskWork): Promise<void> {
    const steps = duration < LONG ? 1 : 4
    for (let step = 1; step <= steps; step++) {
      await world.clock.sleep(duration / steps, { signal })
      if (step < steps) report((step * 100) / steps)
    }
  }

  return {
    start(order, run) {
      const job = add(order)
      const work = perform(job, run)
      running.add(work)
      void work.finally(() => running.delete(work))
      return job.ref
    },
    open(order): OpenTask {
      const job = add({ ...order, duration: 0 })
      const { ref, state } = job
      state.state = 'running'
      state.startTime = world.clock.now()
      return {
        ref,
        report(percent) {
          state.progress = percent
          world.changes.touch(ref.value)
        },
        end(fault) {
          if (!jobs.has(job)) return
          state.state = fault === undefined ? 'success' : 'error'
          if (fault !== undefined) state.error = toLocalizedFault(fault)
          finish(job)
        },
      }
    },
    on: (entity) =>
      [...jobs].filter(({ order }) => order.entity.value === entity.value).map(({ ref }) => ref),
    get running() {
      return running.size
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

// To a virtual machine happens one thing at a time, but for what shares it.
function findRival(jobs: ReadonlySet<Job>, { entity, shared = false }: TaskOrder): Job | undefined {
  if (entity.type !== 'VirtualMachine') return undefined
  return [...jobs].find(
    ({ order }) => order.entity.value === entity.value && !(shared && order.shared === true),
  )
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
    progress: state.state === 'running' ? state.progress : undefined,
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
