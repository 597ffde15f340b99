import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

import type { Appliance } from '../appliance.ts'
import { renderInteger, renderTlv, TAG } from './ber.ts'
import {
  LARGEST,
  parseMessage,
  parseScopedPdu,
  renderReply,
  type Binding,
  type Message,
  type Pdu,
} from './message.ts'
import { compareOids, planMib } from './mib.ts'
import { decrypt, isAuthentic, type EngineTime, type UserKeys } from './usm.ts'

/** A running SNMP agent. */
export interface SnmpAgent {
  /** Where it listens: `127.0.0.1:40161`. */
  readonly address: string
  close(): Promise<void>
}

const GET = 0xa0
const GET_NEXT = 0xa1
const RESPONSE = 0xa2
const GET_BULK = 0xa5
const REPORT = 0xa8

/** Seconds by which the sender's idea of the engine's clock may be off. */
const WINDOW = 150

/** Names that a bulk answer gives at most, however many were asked for. */
const MOST = 100

/** Counters of the security model, by what went wrong. */
const PROBLEMS = {
  unsupportedLevel: 1,
  notInTimeWindow: 2,
  unknownUser: 3,
  unknownEngine: 4,
  wrongDigest: 5,
  decryption: 6,
} as const

type Problem = keyof typeof PROBLEMS

/** Identity of a machine's engine: net-snmp's number, and eight bytes that are the machine's own. */
export function engineOf(uuid: string): Buffer {
  const own = createHash('sha256').update(uuid).digest().subarray(0, 8)
  return Buffer.concat([Buffer.from([0x80, 0x00, 0x1f, 0x88, 0x05]), own])
}

/** The user who may ask, and who is the only one. */
function keysOf({ state }: Appliance, name: string): UserKeys | undefined {
  const { admin } = state.snmp
  if (admin === undefined || admin.user !== name) return undefined
  const authKey = Buffer.from(admin.authKey, 'base64')
  return {
    auth: admin.auth,
    privacy: admin.privacy,
    authKey,
    // One password for both, so one key.
    privacyKey: authKey.subarray(0, 16),
  }
}

function answer({ type, oids, second, third }: Pdu, mib: readonly Binding[]): readonly Binding[] {
  const get = (oid: readonly number[]): Binding =>
    mib.find((entry) => compareOids(entry.oid, oid) === 0) ?? { oid, value: renderTlv(TAG.noSuchObject) }
  const next = (oid: readonly number[]): Binding =>
    mib.find((entry) => compareOids(entry.oid, oid) > 0) ?? { oid, value: renderTlv(TAG.endOfMibView) }
  if (type === GET) return oids.map(get)
  if (type === GET_NEXT) return oids.map(next)
  const single = oids.slice(0, Math.max(0, second)).map(next)
  let row = oids.slice(Math.max(0, second))
  const repeated: Binding[] = []
  for (let times = 0; times < third && row.length > 0 && repeated.length < MOST; times += 1) {
    const found = row.map(next)
    repeated.push(...found)
    if (found.every(({ value }) => value[0] === TAG.endOfMibView)) break
    row = found.map(({ oid }) => oid)
  }
  return [...single, ...repeated]
}

/** Answers one message; nothing for what deserves no answer. */
function createResponder(appliance: Appliance) {
  const engine = engineOf(appliance.machine.uuid)
  const counts = new Map<Problem, number>()
  // The managers' clocks are real ones, so this one is, however fast the lab's time runs.
  const started = performance.now()
  const now = (): EngineTime => ({
    boots: appliance.state.snmp.boots ?? 1,
    time: Math.floor((performance.now() - started) / 1000),
  })

  function report(message: Message, problem: Problem, keys?: UserKeys): Buffer | undefined {
    const count = (counts.get(problem) ?? 0) + 1
    counts.set(problem, count)
    if (!message.reportable) return undefined
    return renderReply({
      id: message.id,
      engine,
      at: now(),
      user: message.user,
      keys,
      private: false,
      type: REPORT,
      requestId: 0,
      bindings: [
        {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 1, PROBLEMS[problem], 0],
          value: renderInteger(count, TAG.counter32),
        },
      ],
    })
  }

  return (bytes: Buffer): Buffer | undefined => {
    const message = parseMessage(bytes)
    if (message === undefined) return undefined
    if (!message.engine.equals(engine)) return report(message, 'unknownEngine')
    const keys = keysOf(appliance, message.user)
    if (keys === undefined) return report(message, 'unknownUser')
    // `rouser … priv`: nothing is told to who does not encrypt.
    if (message.secured !== 'auth and privacy') return report(message, 'unsupportedLevel')
    if (!isAuthentic(message.digest, message.signed, keys)) return report(message, 'wrongDigest')
    const at = now()
    if (message.at.boots !== at.boots || Math.abs(message.at.time - at.time) > WINDOW)
      return report(message, 'notInTimeWindow', keys)
    const clear = decrypt(message.body.content, { keys, salt: message.salt, at: message.at })
    const pdu = clear === undefined ? undefined : parseScopedPdu(clear)
    if (pdu === undefined) return report(message, 'decryption')
    if (pdu.type !== GET && pdu.type !== GET_NEXT && pdu.type !== GET_BULK) return undefined
    const bindings = answer(pdu, planMib(appliance))
    const { id, user } = message
    return renderReply({
      id,
      engine,
      at,
      user,
      keys,
      private: true,
      type: RESPONSE,
      requestId: pdu.id,
      bindings,
    })
  }
}

/** Starts the agent of a machine on a loopback port of its own: real datagrams, which any manager can ask. */
export async function openSnmpAgent(appliance: Appliance): Promise<SnmpAgent> {
  const respond = createResponder(appliance)
  const socket = createSocket('udp4')
  socket.on('error', () => undefined)
  socket.on('message', (bytes, { address, port }) => {
    const reply = bytes.length > LARGEST ? undefined : respond(bytes)
    if (reply !== undefined) socket.send(reply, port, address)
  })
  socket.bind({ port: 0, address: '127.0.0.1' })
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    async close() {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}
