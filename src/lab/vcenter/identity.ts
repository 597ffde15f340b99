import { createHash } from 'node:crypto'

/** Bytes that follow from what a thing is called, so that two runs of the lab name it alike. */
function hashOf(subject: string, attempt: number): Buffer {
  return createHash('sha256')
    .update(attempt === 0 ? subject : `${subject}#${attempt}`)
    .digest()
}

/** Counts up from 0 until `make` gives something that nobody has. */
function findFree<T>(make: (attempt: number) => T, isTaken: (candidate: T) => boolean): T {
  for (let attempt = 0; ; attempt++) {
    const candidate = make(attempt)
    if (!isTaken(candidate)) return candidate
  }
}

/** A UUID for `subject` that is not taken. */
export function chooseUuid(subject: string, isTaken: (uuid: string) => boolean): string {
  return findFree((attempt) => {
    const bytes = hashOf(`uuid/${subject}`, attempt)
    bytes[6] = 0x50 | ((bytes[6] ?? 0) & 0x0f)
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
    const hex = bytes.toString('hex', 0, 16)
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }, isTaken)
}

/** A MAC address of the range a vCenter assigns from, for `subject`, that is not taken. */
export function chooseMac(subject: string, isTaken: (mac: string) => boolean): string {
  return findFree((attempt) => {
    const bytes = hashOf(`mac/${subject}`, attempt)
    const tail = [0x80 | ((bytes[0] ?? 0) & 0x3f), bytes[1] ?? 0, bytes[2] ?? 0]
    return ['00', '50', '56', ...tail.map((byte) => byte.toString(16).padStart(2, '0'))].join(':')
  }, isTaken)
}

/** A number from 1000 on for `subject`, for ids such as `vm-4711`, that is not taken. */
export function chooseNumber(subject: string, isTaken: (number: number) => boolean): number {
  return findFree(
    (attempt) => 1000 + (hashOf(`number/${subject}`, attempt).readUInt32BE(0) % 1_000_000),
    isTaken,
  )
}
