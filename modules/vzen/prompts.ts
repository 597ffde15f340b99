// What the appliance asks, and what it prints when it is done or refuses: the one place to teach another wording.
// A pattern is held against the line that the command stopped at.

/** Questions about one list of values: entries one by one, then whether to add more. */
export interface ListPrompts {
  /** An entry that is there; the first group is the entry. */
  readonly listed: RegExp
  readonly another: RegExp
  readonly value: RegExp
}

/** Prompts of `vzen configure-network`. */
export const NETWORK = {
  dns: {
    listed: /^\s*(?:nameserver|dns(?: server)?)\s*:\s*(\S+)\s*\(options\b.*\)\s*\[n\]\s*:?\s*$/i,
    another: /\b(?:add|configure)\b.*\bnew (?:nameserver|dns)\b.*\?.*\[n\]\s*:?\s*$/i,
    value: /^\s*(?:nameserver|dns)[^\n]*\[[^\]]*\]\s*:\s*$/i,
  },
  management: /\b(?:ifconfig_\w+|management|mgmt)\b[^\n]*(?:netmask|cidr)[^\n]*:\s*$/i,
  gateway: /\b(?:defaultrouter|default gateway|dflt_gw)\b[^\n]*:\s*$/i,
  hostname: /\bhost ?name\b[^\n]*:\s*$/i,
  /** Offers that the plan never takes up. */
  declined: /\b(?:dhcp|proxy server configuration)\b[^\n]*\?[^\n]*$/i,
} as const

/** Prompts of the two SNMP commands. */
export const SNMP = {
  kind: /\b(?:which|what)\b.*\btraps?\b[^\n]*:\s*$/i,
  receiver: /\b(?:receiver|trap (?:ip|host|server|management)|ip address of)\b[^\n]*:\s*$/i,
  username: /\buser ?name\b[^\n]*:\s*$/i,
  retype: /\b(?:re-?type|re-?enter|confirm|verify)\b[^\n]*pass(?:word|phrase)[^\n]*:\s*$/i,
  password: /\b(?:snmp\w*|auth\w*|priv\w*)[^\n]*pass(?:word|phrase)[^\n]*:\s*$/i,
  authentication: /\bauth\w*[^\n]*\bmd5\b[^\n]*:\s*$/i,
  privacy: /\b(?:encrypt\w*|priv\w*|snmp_priv)\b[^\n]*\b(?:des|aes)\b[^\n]*:\s*$/i,
} as const

/** Prompts of `vzen enable-ntpd`. */
export const NTP = {
  servers: {
    listed: /^\s*(?:ntp ?server|server)\s*:\s*(\S+)\s*\(options\b.*\)\s*\[n\]\s*:?\s*$/i,
    another: /\b(?:add|configure)\b.*\bnew (?:ntp ?server|server)\b.*\?.*\[n\]\s*:?\s*$/i,
    value: /^\s*(?:ntp ?server|server)[^\n]*\[[^\]]*\]\s*:\s*$/i,
  },
  start: /\bstart\b[^\n]*\bntpd?\b[^\n]*\?[^\n]*$/i,
} as const

/** Prompt of `vzen enable-stdport`, where it asks although it was told. */
export const STANDARD_PORT = /\bsubcmd\b[^\n]*:\s*$/i

/** Lines by which a command says that it will not. */
export const FAILURES: readonly RegExp[] = [
  /^\s*please re-enter.*$/im,
  /^\s*atleast one entry required.*$/im,
  /^\s*(?:invalid|error)\b.*$/im,
  /^.*must have at least.*$/im,
  /^sorry, try again.*$/im,
  /^permission denied.*$/im,
  /^.*is not in the sudoers.*$/im,
]

/** Lines by which `configure-network` says that it is done. */
export const APPLIED: readonly RegExp[] = [/successfully applied/i]
