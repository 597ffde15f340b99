import type { Change } from '#sdk'

import type { Facts } from './facts.ts'

/** Seconds that two clocks may differ by, before logs and certificates become puzzles. */
const TOLERANCE = 60

/** Whether a release is older than another: `6.7.0` than `7`. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number)) as [number[], number[]]
  for (const [index, wanted] of b.entries()) {
    const has = a[index] ?? 0
    if (has !== wanted) return has < wanted
  }
  return false
}

/** What the server itself lacks: a licence that lets its API write, the places in its inventory, privileges. */
export function diffServer({ server, kind, licences, missing, lacking }: Facts): readonly Change[] {
  const [only] = licences
  const free = kind === 'esxi' ? licences.find(({ edition }) => edition.startsWith('esxBasic')) : undefined
  const over = licences.length === 1 && only?.hoursLeft === 0 ? only : undefined
  return [
    ...(free === undefined
      ? []
      : [
          {
            path: `licence of ${server}`,
            from: free.name,
            to: 'one that includes the vSphere API',
            note: 'a free ESXi can only be read: nothing could be created',
          },
        ]),
    ...(over === undefined
      ? []
      : [{ path: `licence of ${server}`, from: over.name, to: 'a licence', note: 'the evaluation is over' }]),
    ...missing.map(({ path, instead }) => ({
      path,
      to: 'there',
      note: `correct the placement in the inventory, or create it: ${instead}`,
    })),
    ...(lacking ?? []).map(({ where, privileges }) => ({
      path: `privileges on ${where}`,
      from: 'without them',
      to: privileges.join(', '),
      note: 'give them to the user’s role there',
    })),
  ]
}

/** What is worth knowing of the server and stops nothing. */
export function noteServer({ server, aheadSeconds, lacking, version }: Facts): readonly string[] {
  const notes: string[] = []
  if (Math.abs(aheadSeconds) > TOLERANCE) {
    const off = `${Math.abs(Math.round(aheadSeconds))} s ${aheadSeconds > 0 ? 'ahead of' : 'behind'}`
    notes.push(`the clock of ${server} is ${off} this machine’s; let both follow a time server`)
  }
  if (lacking === null)
    notes.push(`${server} does not tell which privileges the user has; they are not checked`)
  if (isOlder(version, '6')) notes.push(`${server} is of release ${version}; 6.0 or newer is recommended`)
  return notes
}
