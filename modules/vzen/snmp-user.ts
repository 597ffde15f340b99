import { z } from 'zod'

import { Secret, sh, type ApplianceReader } from '#sdk'

import { wordingParam } from './conversation.ts'

/** What the SNMP commands ask for beside; SHA1 and AES unless something older is asked for. */
export const snmpUser = {
  username: z.string().min(1).max(32).meta({ description: 'SNMPv3 user name' }),
  password: z.instanceof(Secret).meta({ description: 'Password for authentication and encryption' }),
  authentication: z.enum(['SHA1', 'MD5']).default('SHA1').meta({ description: 'Authentication protocol' }),
  privacy: z.enum(['AES', 'DES']).default('AES').meta({ description: 'Encryption method' }),
  ...wordingParam,
}

/** A user of SNMP. */
export interface SnmpUser {
  readonly username: string
  readonly password: Secret
  readonly authentication: 'SHA1' | 'MD5'
  readonly privacy: 'AES' | 'DES'
}

/** What of the agent’s configuration can be read, to recognise the appliance and the user by. */
export interface SnmpFacts {
  readonly fingerprint: string
  /** The lines of the configuration that name users; their passwords are kept elsewhere. */
  readonly lines: string
}

/** Why a user of SNMP cannot be compared. */
export const UNREADABLE = 'the agent keeps passwords where no command shows them'

/** Reads the lines of the agent’s configuration that begin with a word. */
export async function readSnmpLines(
  connection: ApplianceReader,
  { word, signal }: { readonly word: 'rouser' | 'trapsess'; readonly signal: AbortSignal },
): Promise<SnmpFacts> {
  const ssh = await connection.ssh({ signal })
  const { lines } = await ssh.query(
    { lines: sh`grep ${`^${word} `} /usr/local/etc/snmpd.conf` },
    { signal, sudo: true },
  )
  return { fingerprint: ssh.fingerprint, lines: lines.code === 0 ? lines.output.trim() : '' }
}

/** What is weak about a user’s algorithms, as a warning; nothing where nothing is. */
export function explainWeakness({ authentication, privacy }: SnmpUser): string | undefined {
  const weak = [authentication === 'MD5' ? 'MD5' : '', privacy === 'DES' ? 'DES' : ''].filter(
    (name) => name !== '',
  )
  return weak.length === 0
    ? undefined
    : `SNMP with ${weak.join(' and ')} is easily broken; SHA1 and AES are offered`
}
