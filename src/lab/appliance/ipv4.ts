const BITS = 32

/** An IPv4 address as a number; none where the text is not one in the usual four decimal parts. */
export function parseIpv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (match === null) return undefined
  const parts = match.slice(1).map(Number)
  if (parts.some((part) => part > 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + part, 0)
}

/** The number of an address in the usual notation. */
export function renderIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join('.')
}

/** An address with the length of its network's prefix: `10.84.0.110/24`. */
export interface Cidr {
  readonly address: string
  readonly prefix: number
}

/** Parses `address/prefix`; none where it is not that. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', length = '', ...more] = text.split('/')
  const prefix = /^\d{1,2}$/.test(length) ? Number(length) : Number.NaN
  if (more.length > 0 || parseIpv4(address) === undefined || !(prefix >= 1 && prefix <= BITS))
    return undefined
  return { address, prefix }
}

/** The network's mask as a number. */
export function maskOf(prefix: number): number {
  return prefix === 0 ? 0 : (-1 << (BITS - prefix)) >>> 0
}

/** Length of a dotted mask; none where its ones do not all stand at its front. */
export function prefixOf(mask: string): number | undefined {
  const value = parseIpv4(mask)
  return Array.from({ length: BITS + 1 }, (_, prefix) => prefix).find((prefix) => maskOf(prefix) === value)
}

/** Whether an address lies in the network of a CIDR. */
export function isInside(address: string, { address: base, prefix }: Cidr): boolean {
  const value = parseIpv4(address)
  const network = parseIpv4(base)
  if (value === undefined || network === undefined) return false
  const mask = maskOf(prefix)
  return (value & mask) >>> 0 === (network & mask) >>> 0
}
