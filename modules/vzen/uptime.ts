import { ConnectError, sh, type ApplianceReader, type ModuleContext } from '#sdk'

/** How long an appliance has been up, and when that was read. */
export interface Uptime {
  /** In seconds; none where it does not tell. */
  readonly up: number | undefined
  /** The run's clock, in milliseconds. */
  readonly at: number
}

type Way = Pick<ModuleContext<ApplianceReader, unknown>, 'connection' | 'clock' | 'signal'>

/** Seconds between two looks, and those that an appliance may be away. */
const [EVERY, AWAY] = [5, 900]

/** Seconds by which the two clocks, and the time that the questions take, may be apart. */
const SLACK = 15

/** Reads how long the appliance has been up, by its own clock, which may be set meanwhile. */
export async function readUptime({ connection, clock, signal }: Way): Promise<Uptime> {
  const ssh = await connection.ssh({ signal })
  const { booted, date } = await ssh.query(
    { booted: sh`sysctl -n kern.boottime`, date: sh`date -u +%s` },
    { signal },
  )
  const since = /\bsec = (\d+)/.exec(booted.output)?.[1]
  const now = Number.parseInt(date.output, 10)
  const up = since === undefined || !Number.isFinite(now) ? undefined : now - Number(since)
  return { up, at: clock.now() }
}

/** Whether it has certainly been restarted between two looks. */
export function hasRestarted(before: Uptime, after: Uptime): boolean {
  if (before.up === undefined || after.up === undefined) return false
  return after.up + SLACK < before.up + (after.at - before.at) / 1000
}

/** What is waited for, and how many seconds the appliance may answer without it. */
export interface Return {
  isBack(this: void): Promise<boolean>
  readonly patience: number
}

/**
 * Waits for an appliance that may be away, until it is back as asked; false where it answers, but not so. Throws what the
 * last try found where it does not answer in time.
 */
export async function waitForReturn({ clock, signal }: Way, { isBack, patience }: Return): Promise<boolean> {
  const deadline = clock.now() + AWAY * 1000
  let answersSince: number | undefined
  for (;;) {
    try {
      if (await isBack()) return true
      answersSince ??= clock.now()
      if (clock.now() - answersSince >= patience * 1000) return false
    } catch (cause) {
      const isFinal = !(cause instanceof ConnectError) || cause.kind === 'host-key'
      if (isFinal || clock.now() >= deadline) throw cause
      answersSince = undefined
    }
    await clock.sleep(EVERY * 1000, { signal })
  }
}
