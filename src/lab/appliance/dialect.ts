/** How an appliance puts its questions. `family` is the documented way of its relatives. */
export type Style = 'family' | 'plain' | 'arrow'

/** A question of `configure-network`. */
export type NetworkTopic = 'dns' | 'management' | 'gateway' | 'hostname'

/** In what an appliance differs from another one although both do the same: its build, and how it was set up. */
export interface Dialect {
  readonly style: Style
  /** Shell of the account that logs in. */
  readonly shell: 'sh' | 'csh'
  /** By what a file can come over SSH; a command that writes its input always works. */
  readonly transfer: 'sftp' | 'scp' | 'none'
  /** When `sudo` asks: not again within its window, every time, or never. */
  readonly sudo: 'window' | 'always' | 'never'
  /** Order of the questions of `configure-network`. */
  readonly order: readonly NetworkTopic[]
  /** Questions that only some builds ask. */
  readonly asksDhcp: boolean
  readonly asksProxy: boolean
  readonly asksNetmaskApart: boolean
  readonly asksToApply: boolean
  readonly asksPasswordTwice: boolean
  /** Prompts in bold. */
  readonly colour: boolean
  /** A line of chatter before the first question. */
  readonly chatter: boolean
  /** Whether text comes whole, or slowly and in pieces. */
  readonly pace: 'whole' | 'pieces'
  /** What a download tells while it lasts. */
  readonly progress: 'percent' | 'dots' | 'nothing'
  /** Whether a download goes on when the connection it was started over is lost. */
  readonly downloadsOn: boolean
  /** Whether `install-nitrox` restarts the machine by itself. */
  readonly restartsForCard: boolean
  /** Type of the one host key that its SSH server has. */
  readonly hostKey: 'ed25519' | 'ecdsa'
}

/** What the documents and the published sessions of the family show. */
export const DOCUMENTED: Dialect = {
  style: 'family',
  shell: 'sh',
  transfer: 'sftp',
  sudo: 'window',
  order: ['dns', 'management', 'gateway', 'hostname'],
  asksDhcp: false,
  asksProxy: false,
  asksNetmaskApart: false,
  asksToApply: false,
  asksPasswordTwice: false,
  colour: false,
  chatter: false,
  pace: 'whole',
  progress: 'percent',
  downloadsOn: false,
  restartsForCard: false,
  hostKey: 'ed25519',
}

/** A source of numbers from 0 to 1 that is always the same for the same words (a hash, then Mulberry32). */
function createDice(words: string): () => number {
  let state = 0x811c9dc5
  for (const character of words) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The dialect of a machine under a seed: any, but always the same one for the same two. */
export function planDialect(seed: number, machine: string): Dialect {
  const roll = createDice(`${seed} ${machine}`)
  const one = <T>(...choices: readonly [T, ...T[]]): T =>
    choices[Math.floor(roll() * choices.length)] ?? choices[0]
  const maybe = (): boolean => roll() < 0.5
  return {
    style: one<Style>('family', 'plain', 'arrow'),
    shell: one('sh', 'csh'),
    transfer: one('sftp', 'scp', 'none'),
    sudo: one('window', 'always', 'never'),
    order: one<readonly NetworkTopic[]>(
      DOCUMENTED.order,
      ['hostname', 'management', 'gateway', 'dns'],
      ['management', 'gateway', 'dns', 'hostname'],
    ),
    asksDhcp: maybe(),
    asksProxy: maybe(),
    asksNetmaskApart: maybe(),
    asksToApply: maybe(),
    asksPasswordTwice: maybe(),
    colour: maybe(),
    chatter: maybe(),
    pace: one('whole', 'pieces'),
    progress: one('percent', 'dots', 'nothing'),
    downloadsOn: maybe(),
    restartsForCard: maybe(),
    hostKey: one('ed25519', 'ecdsa'),
  }
}
