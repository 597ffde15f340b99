import { z } from 'zod'

import { parseCidr, parseIPv4 } from './ipv4.ts'

const IPV6 =
  'the procedure needs IPv4 here; IPv6 traffic reaches a Virtual Service Edge only inside IPsec or GRE tunnels'

/** An IPv4 address. `rule` names the line of the checklist that asks for it. */
export function ipv4(rule: string) {
  return z.string().superRefine((text, context) => {
    if (parseIPv4(text) !== undefined) return
    context.addIssue({
      code: 'custom',
      message: 'is not an IPv4 address',
      params: text.includes(':')
        ? { rule: 'S-039', hint: IPV6 }
        : { rule, hint: 'write four numbers from 0 to 255, such as 10.84.0.110' },
    })
  })
}

/** An IPv4 subnet by its first address and prefix length. */
export function subnetField() {
  return z.string().superRefine((text, context) => {
    const parsed = parseCidr(text)
    if (parsed !== undefined && parsed.address === parsed.subnet.first && parsed.subnet.prefix <= 30) return
    context.addIssue({
      code: 'custom',
      message:
        parsed === undefined ? 'is not an IPv4 subnet' : 'is not the first address of a subnet with room',
      params: text.includes(':')
        ? { rule: 'S-039', hint: IPV6 }
        : { rule: 'X-01', hint: 'write the first address and the prefix length, such as 10.84.0.0/24' },
    })
  })
}

/** An IPv4 address, with or without its prefix length. */
export function interfaceAddress(rule: string) {
  return z.string().superRefine((text, context) => {
    if (parseIPv4(text) !== undefined || parseCidr(text) !== undefined) return
    context.addIssue({
      code: 'custom',
      message: 'is not an IPv4 address with a netmask',
      params: text.includes(':')
        ? { rule: 'S-039', hint: IPV6 }
        : { rule, hint: 'write 10.84.0.110/24, or 10.84.0.110 to take the netmask of the subnet' },
    })
  })
}

/** Text that ends up in a form, a URL or a command: one line, not empty, no control characters, at most `max` long. */
export function line(max = 128) {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !/\p{Cc}/u.test(text), 'contains a control character')
}

/** The name or address of a host. */
export function hostName() {
  return z
    .string()
    .min(1)
    .max(253)
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'is not a host name or an IPv4 address')
}

/** SHA-1 or SHA-256 thumbprint of a certificate, as bytes between colons. */
export function thumbprint() {
  return z
    .string()
    .regex(/^[0-9A-F]{2}(:[0-9A-F]{2}){19}((:[0-9A-F]{2}){12})?$/i, 'is not a SHA-1 or SHA-256 thumbprint')
}
