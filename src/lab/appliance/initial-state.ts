import { DOCUMENTED_PASSWORD, AUTH_LOG } from './appliance.ts'
import type { StoredEntry } from './disk/disk.ts'
import { RC_CONF } from './disk/rc-conf.ts'
import { hashPassword } from './password.ts'
import type { ApplianceState } from './state.ts'

/**
 * How the first login goes; both are documented. `forced`: the machine asks for a new password at once. `optional`: it
 * lets the user in, who is told to run `passwd`.
 */
export type Personality = 'forced' | 'optional'

/** The personality of a machine that nobody chose one for: always the same for the same machine. */
export function selectPersonality(uuid: string): Personality {
  const sum = Array.from(uuid).reduce((total, character) => total + character.charCodeAt(0), 0)
  return sum % 2 === 0 ? 'forced' : 'optional'
}

/** Name of a machine that nobody has named. */
const HOSTNAME = 'zscaler'

const FIRST_PID = 1606

/** The disk of an appliance as it comes out of the image. */
export async function createInitialState(personality: Personality, now: number): Promise<ApplianceState> {
  const file = (data: string, mode = 0o644): StoredEntry => ({ owner: 'root', mode, changed: now, data })
  return {
    password: await hashPassword(DOCUMENTED_PASSWORD),
    passwordExpired: personality === 'forced',
    complexity: false,
    hostKey: undefined,
    network: undefined,
    certificate: undefined,
    build: undefined,
    service: undefined,
    processes: {},
    standardPort: { configured: [], effective: [] },
    snmp: { running: false, admin: undefined, trap: undefined },
    delayUpgrade: undefined,
    driftMs: 0,
    bootedAt: now,
    nextPid: FIRST_PID,
    files: {
      [RC_CONF]: file(
        `hostname="${HOSTNAME}"\nnetwork_interfaces="lo0 em0"\nsshd_enable="YES"\nsnmpd_enable="NO"\nsnmpd_conffile="/usr/local/etc/snmpd.conf"\nvzen_enable="NO"\n`,
      ),
      '/etc/resolv.conf': file(''),
      '/etc/motd': file('ZscalerOS-24 (FreeBSD 11.4-RELEASE-p13)\n\nZscaler Virtual Service Edge\n'),
      '/boot/loader.conf': file(''),
      '/usr/local/etc/snmpd.conf': file('', 0o600),
      '/sc/update/vzen': file('#!/bin/sh\n', 0o755),
      [AUTH_LOG]: file('', 0o600),
    },
    faults: {},
  }
}
