import { quote } from '../../shell/quote.ts'

/**
 * What on a machine ends a command that takes too long: `timeout`, with or without a way to stay in a terminal’s
 * foreground; `perl`, which nearly every Unix has; or nothing but the shell, which can end the command, not its children.
 */
export type Watchdog = 'timeout-foreground' | 'timeout' | 'perl' | 'shell'

/** Says which watchdog there is, one word a line; every `sh` understands it. */
export const WATCHDOG_PROBE =
  'if timeout --foreground 9 true 2>/dev/null; then echo timeout-foreground; ' +
  'elif timeout 9 true 2>/dev/null; then echo timeout; ' +
  'elif perl -e 1 2>/dev/null; then echo perl; else echo shell; fi'

/** Finds the answer to the probe among whatever else a log-in prints. */
export function parseWatchdog(text: string): Watchdog {
  const found = /^(timeout-foreground|timeout|perl|shell)$/m.exec(text)
  return (found?.[1] ?? 'shell') as Watchdog
}

/** Runs what follows in a process group of its own, and ends all of it. */
const PERL =
  'my $s = shift; my $p = fork; if (!$p) { setpgrp; exec @ARGV; exit 127 } ' +
  '$SIG{ALRM} = sub { kill "KILL", -$p }; alarm $s; waitpid $p, 0; ' +
  'exit($? & 127 ? 128 + ($? & 127) : $? >> 8)'

/** It stays where it is: on a terminal it could not read otherwise, and what it has started is not ended with it. */
const PERL_FOREGROUND = 'alarm shift; exec @ARGV; exit 127'

/** What a command is bounded by. */
export interface RemoteDeadline {
  readonly watchdog: Watchdog
  /** Seconds after which the machine ends the command, whether somebody is still there to hear of it or not. */
  readonly seconds: number
  /** Whether it talks to a terminal. */
  readonly terminal?: boolean
  /**
   * Whether it may leave something running, such as a service that it starts. FreeBSD’s `timeout` would wait for that, too,
   * and in the end kill it; in the foreground it waits for the command, and ends no more than that.
   */
  readonly leaves?: boolean
}

/** The words of a command line that run a text of `sh` for so many seconds at most. Killed, its status is 137, or 124. */
export function renderBounded(
  text: string,
  { watchdog, seconds, terminal = false, leaves = false }: RemoteDeadline,
): string {
  const limit = Math.ceil(seconds)
  const command = `sh -c ${quote(text)}`
  const isForeground = terminal || leaves
  if (watchdog === 'perl')
    return `perl -e ${quote(isForeground ? PERL_FOREGROUND : PERL)} ${limit} ${command}`
  if (isForeground && watchdog === 'timeout-foreground')
    return `timeout --foreground -s KILL ${limit} ${command}`
  if (terminal) return command
  if (watchdog !== 'shell') return `timeout -s KILL ${limit} ${command}`
  // In the background it would get no input, so that it gets ours under another number.
  const watched =
    `exec 3<&0; ${command} <&3 3<&- & p=$!; exec 3<&-; { sleep ${limit}; kill -KILL $p; } >/dev/null 2>&1 </dev/null & w=$!; ` +
    'wait $p; c=$?; kill $w 2>/dev/null; exit $c'
  return `sh -c ${quote(watched)}`
}
