const BLOCK = 512

/** A file in an archive. */
export interface Member {
  readonly name: string
  readonly content: Buffer
}

/** Renders an ustar archive of plain files, in the order given; owner, mode and time are always the same. */
export function renderTar(members: readonly Member[]): Buffer {
  const parts = members.flatMap(({ name, content }) => [
    renderHead(name, content.length),
    content,
    Buffer.alloc(-content.length & (BLOCK - 1)),
  ])
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

/** Renders the 512 bytes before a file's content of so many bytes. */
export function renderHead(name: string, size: number): Buffer {
  const head = Buffer.alloc(BLOCK)
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`
  head.write(name, 0, 100)
  head.write(octal(0o644, 7), 100)
  head.write(octal(0, 7), 108)
  head.write(octal(0, 7), 116)
  head.write(octal(size, 11), 124)
  head.write(octal(0, 11), 136)
  head.write('        ', 148)
  head.write('0', 156)
  head.write('ustar\x0000', 257)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return head
}
