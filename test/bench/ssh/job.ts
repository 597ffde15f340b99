/** What a node of the benchmark is told, in order; the file goes up before. `{file}` stands for where it went. */
export const COMMANDS = [
  'install {file}',
  'schedule 01:00',
  'port all',
  'restart',
  'build',
  'wait',
  'status',
  'connection',
  'assert',
] as const

/** What the last of them prints: size of the file, schedule, port, service, build. */
export const EXPECTED = '20480\n01:00\nall\nrunning\n24\n'

/** A client’s half of the benchmark, run in a process of its own. */
export interface BenchTask {
  readonly client: 'runbook' | 'script'
  readonly hosts: readonly string[]
  readonly port: number
  readonly username: string
  readonly key: string
  readonly vzen: string
  readonly fingerprint: string
  /** The file of 20 KB, and where it goes on each node. */
  readonly file: string
  readonly to: string
}

/** A node that is through with its job, and stays connected until it is closed. */
export interface DoneNode {
  close(): Promise<void>
}

/** What a client measured. */
export interface BenchResult {
  /** Milliseconds. */
  readonly wall: number
  readonly cpu: number
  /** Bytes of resident memory that a connected node costs. */
  readonly perTarget: number
}
