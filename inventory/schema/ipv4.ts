/** A block of IPv4 addresses. Addresses are unsigned 32-bit numbers. */
export interface Subnet {
  readonly first: number
  readonly last: number
  /** Prefix length: 24 for 255.255.255.0. */
  readonly prefix: number
}

/** Reads `10.84.0.110`; nothing where it is not exactly that form (no leading zeros, no short forms). */
export function parseIPv4(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let address = 0
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    address = address * 256 + Number(part)
  }
  return address
}

/** Writes an address. */
export function renderIPv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')
}

/** Reads `10.84.0.110/24` into the address and the block it lies in. */
export function parseCidr(text: string): { readonly address: number; readonly subnet: Subnet } | undefined {
  const [host, length, ...rest] = text.split('/')
  const address = parseIPv4(host ?? '')
  if (
    address === undefined ||
    rest.length > 0 ||
    !/^(0|[1-9]\d?)$/.test(length ?? '') ||
    Number(length) > 32
  ) {
    return undefined
  }
  const prefix = Number(length)
  const size = 2 ** (32 - prefix)
  const first = Math.floor(address / size) * size
  return { address, subnet: { first, last: first + size - 1, prefix } }
}

/** Whether an address lies in a block. */
export function isInside(address: number, { first, last }: Subnet): boolean {
  return address >= first && address <= last
}

/** Writes a prefix length as a mask: 24 is `255.255.255.0`. */
export function renderMask(prefix: number): string {
  return renderIPv4(2 ** 32 - 2 ** (32 - prefix))
}

/** Writes a block: `10.84.0.0/24`. */
export function renderSubnet({ first, prefix }: Subnet): string {
  return `${renderIPv4(first)}/${prefix}`
}
