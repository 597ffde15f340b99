import {
  parseInside,
  parseInteger,
  parseOid,
  parseTlvs,
  renderInteger,
  renderOctets,
  renderOid,
  renderTlv,
  TAG,
  type Tlv,
} from './ber.ts'
import { DIGEST, digest, encrypt, type EngineTime, type UserKeys } from './usm.ts'

/** An SNMPv3 message as it came, before anything in it is believed. */
export interface Message {
  readonly id: number
  /** Whether the sender wants to hear of a problem. */
  readonly reportable: boolean
  readonly secured: 'none' | 'auth' | 'auth and privacy'
  readonly engine: Buffer
  readonly at: EngineTime
  readonly user: string
  readonly digest: Buffer
  readonly salt: Buffer
  /** The scoped PDU: encrypted where the message is, a sequence otherwise. */
  readonly body: Tlv
  /** The whole message with zeros where the digest stood. */
  readonly signed: Buffer
}

/** A request or an answer. */
export interface Pdu {
  readonly type: number
  readonly id: number
  /** Of a bulk request: how many values are not repeated, and how often the others are. */
  readonly second: number
  readonly third: number
  readonly oids: readonly (readonly number[])[]
}

/** A name and what stands for it, encoded. */
export interface Binding {
  readonly oid: readonly number[]
  readonly value: Buffer
}

/** Largest message that is taken or sent. */
export const LARGEST = 65_507

const USM = 3
const AUTH = 1
const PRIVACY = 2
const REPORTABLE = 4

/** Reads a message; none where it is not one of SNMPv3 with the User-based Security Model. */
export function parseMessage(bytes: Buffer): Message | undefined {
  const [version, header, parameters, body, ...more] = parseInside(parseTlvs(bytes)?.[0]) ?? []
  const [id, , flags, model] = parseInside(header) ?? []
  if (parseInteger(version) !== 3 || parseInteger(model) !== USM || body === undefined || more.length > 0)
    return undefined
  const inner = parameters?.tag === TAG.octets ? parseTlvs(parameters.content)?.[0] : undefined
  const [engine, boots, time, user, mac, salt] = parseInside(inner) ?? []
  const numbers = [parseInteger(id), parseInteger(boots), parseInteger(time)]
  const [messageId = -1, engineBoots = -1, engineTime = -1] = numbers
  if (numbers.some((number) => number === undefined || number < 0)) return undefined
  if (engine === undefined || user === undefined || mac === undefined || salt === undefined) return undefined
  const flag = flags?.content[0] ?? 0
  if ((flag & PRIVACY) !== 0 && (flag & AUTH) === 0) return undefined
  const signed = Buffer.from(bytes)
  signed.fill(
    0,
    mac.content.byteOffset - bytes.byteOffset,
    mac.content.byteOffset - bytes.byteOffset + mac.content.length,
  )
  return {
    id: messageId,
    reportable: (flag & REPORTABLE) !== 0,
    secured: (flag & PRIVACY) !== 0 ? 'auth and privacy' : (flag & AUTH) !== 0 ? 'auth' : 'none',
    engine: engine.content,
    at: { boots: engineBoots, time: engineTime },
    user: user.content.toString('latin1'),
    digest: mac.content,
    salt: salt.content,
    body,
    signed,
  }
}

/** Reads a scoped PDU; none where it is none. What comes after it is padding. */
export function parseScopedPdu(bytes: Buffer): Pdu | undefined {
  const [, , pdu] = parseInside(parseTlvs(bytes, 1)?.[0]) ?? []
  const [id, second, third, bindings] = (pdu === undefined ? undefined : parseTlvs(pdu.content)) ?? []
  const oids = parseInside(bindings)?.map((binding) => parseOid(parseInside(binding)?.[0]))
  const numbers = [id, second, third].map(parseInteger)
  if (pdu === undefined || oids === undefined || numbers.includes(undefined) || oids.includes(undefined))
    return undefined
  const [requestId = 0, one = 0, other = 0] = numbers
  return {
    type: pdu.tag,
    id: requestId,
    second: one,
    third: other,
    oids: oids.filter((oid) => oid !== undefined),
  }
}

/** What an answer is made of. */
export interface Reply {
  readonly id: number
  readonly engine: Buffer
  readonly at: EngineTime
  readonly user: string
  /** Keys it is secured with; none for a report to somebody unknown. */
  readonly keys: UserKeys | undefined
  /** Encrypted only where the request was. */
  readonly private: boolean
  readonly type: number
  readonly requestId: number
  readonly bindings: readonly Binding[]
}

/** Writes an answer: encrypted, then signed. */
export function renderReply(reply: Reply): Buffer {
  const { engine, at, keys } = reply
  const bindings = reply.bindings.map(({ oid, value }) => renderTlv(TAG.sequence, renderOid(oid), value))
  const pdu = renderTlv(
    reply.type,
    renderInteger(reply.requestId),
    renderInteger(0),
    renderInteger(0),
    renderTlv(TAG.sequence, ...bindings),
  )
  const scoped = renderTlv(TAG.sequence, renderOctets(engine), renderOctets(Buffer.alloc(0)), pdu)
  const sealed = keys !== undefined && reply.private ? encrypt(scoped, { keys, at }) : undefined
  const flags = (keys === undefined ? 0 : AUTH) | (sealed === undefined ? 0 : PRIVACY)

  const render = (mac: Buffer): Buffer =>
    renderTlv(
      TAG.sequence,
      renderInteger(3),
      renderTlv(
        TAG.sequence,
        renderInteger(reply.id),
        renderInteger(LARGEST),
        renderOctets(Buffer.from([flags])),
        renderInteger(USM),
      ),
      renderOctets(
        renderTlv(
          TAG.sequence,
          renderOctets(engine),
          renderInteger(at.boots),
          renderInteger(at.time),
          renderOctets(Buffer.from(reply.user, 'latin1')),
          renderOctets(mac),
          renderOctets(sealed?.salt ?? Buffer.alloc(0)),
        ),
      ),
      sealed === undefined ? scoped : renderOctets(sealed.data),
    )

  if (keys === undefined) return render(Buffer.alloc(0))
  return render(digest(render(Buffer.alloc(DIGEST)), keys))
}
