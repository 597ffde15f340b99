import { SERVICE_LABELS, applyStart, applyStop, selectProcesses } from '../../processes.ts'
import type { ServiceName } from '../../state.ts'
import { WORDING } from '../../wording.ts'
import type { SubcommandCall, Subcommands } from './subcommand.ts'

const ALL: readonly ServiceName[] = ['sme', 'cdsc', 'smlb']

/** The processes that a `start` or `stop` names: one instance, or all; none where the word is unknown. */
function selectNamed([name]: readonly string[]): readonly ServiceName[] | undefined {
  if (name === undefined) return ALL
  if (name === 'sme') return ['sme', 'cdsc']
  return name === 'smlb' ? ['smlb'] : undefined
}

/** Starts processes and tells the pid of each that was asked for; where none were named, of all, which an update has started. */
export function startAndTell(call: SubcommandCall, names: readonly ServiceName[]): void {
  const { appliance, stdout, leave } = call
  const told = names.length === 0 ? ALL : names
  const fresh =
    names.length === 0 ? ALL : names.filter((name) => appliance.state.processes[name] === undefined)
  applyStart(appliance, names)
  if (fresh.length > 0) {
    leave({
      kill() {
        applyStop(appliance, fresh)
        return appliance.save()
      },
    })
  }
  for (const name of told) {
    const running = appliance.state.processes[name]
    if (running !== undefined) stdout.write(WORDING.started(SERVICE_LABELS[name], running.pid))
  }
}

function refusal({ appliance: { state } }: SubcommandCall): string | undefined {
  if (state.build === undefined) return WORDING.notInstalled
  return state.certificate === undefined ? WORDING.noCertificate : undefined
}

const unknownInstance = (call: SubcommandCall): number => {
  call.stderr.write(`usage: vzen ${call.name} [sme|smlb]\n`)
  return 1
}

/** Commands that start and stop the service, and tell whether it runs. */
export const runningSubcommands: Subcommands = {
  start: {
    summary: 'start the service: start [sme|smlb]',
    privileged: true,
    async run(call) {
      const names = selectNamed(call.args)
      if (names === undefined) return unknownInstance(call)
      const refused = refusal(call)
      if (refused !== undefined) {
        call.stdout.write(refused)
        return 1
      }
      startAndTell(call, names)
      await call.appliance.save()
      return 0
    },
  },
  stop: {
    summary: 'stop the service: stop [sme|smlb]',
    privileged: true,
    async run(call) {
      const names = selectNamed(call.args)
      if (names === undefined) return unknownInstance(call)
      const running = names.filter((name) => call.appliance.state.processes[name] !== undefined)
      applyStop(call.appliance, running)
      await call.appliance.save()
      for (const name of running) call.stdout.write(WORDING.stopped(SERVICE_LABELS[name]))
      return 0
    },
  },
  restart: {
    summary: 'stop and start the service',
    privileged: true,
    async run(call) {
      const refused = refusal(call)
      if (refused !== undefined) {
        call.stdout.write(refused)
        return 1
      }
      const { appliance, stdout, signal } = call
      const running = ALL.filter((name) => appliance.state.processes[name] !== undefined)
      applyStop(appliance, ALL)
      await appliance.save()
      for (const name of running) stdout.write(WORDING.stopped(SERVICE_LABELS[name]))
      await appliance.clock.sleep(3000, { signal })
      startAndTell(call, ALL)
      await appliance.save()
      return 0
    },
  },
  status: {
    summary: 'show whether the service is running',
    privileged: false,
    async run({ appliance, stdout }) {
      const expected = selectProcesses(appliance)
      for (const name of ALL) {
        const running = appliance.state.processes[name]
        const label = SERVICE_LABELS[name]
        if (!expected.includes(name)) stdout.write(WORDING.absent(label))
        else
          stdout.write(running === undefined ? WORDING.stopped(label) : WORDING.started(label, running.pid))
      }
      return 0
    },
  },
  halt: {
    summary: 'shut the operating system down',
    privileged: true,
    async run({ appliance }) {
      applyStop(appliance, ALL)
      await appliance.save()
      appliance.halt()
      return 0
    },
  },
}
