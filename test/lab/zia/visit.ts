import { obfuscateKey } from '../../../src/connect/zia/obfuscate.ts'
import { API_KEY, PASSWORD, type RawAnswer, type RawRequest, type Rig } from './rig.ts'

export const PLACE = { ipAddress: '10.0.0.1', subnetMask: '255.255.255.0', defaultGateway: '10.0.0.254' }
export const CLUSTER = { name: 'c', type: 'VIP', ...PLACE, ipSecEnabled: false, status: 'ENABLED' }
export const INVALID = { message: 'Request body is invalid.' }

/** Sends a request as somebody who is signed in, at a pace that the limits allow. */
export type Send = (request: RawRequest) => Promise<RawAnswer>

/** Signs in past the client. */
export async function signIn(
  rig: Rig,
  instead: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly answer: RawAnswer; readonly cookie: string; readonly send: Send }> {
  const timestamp = Math.floor(rig.clock.now())
  const answer = await rig.raw({
    method: 'POST',
    path: '/api/v1/authenticatedSession',
    headers: { 'content-type': 'application/json' },
    body: {
      username: 'api@acme.example',
      password: PASSWORD,
      apiKey: obfuscateKey(API_KEY, timestamp),
      timestamp: String(timestamp),
      ...instead,
    },
  })
  const cookie = answer.headers['set-cookie']?.split(';')[0] ?? ''
  return { answer, cookie, send: sendWith(rig, { cookie }) }
}

/** A way to send what the headers vouch for. */
export function sendWith(rig: Rig, proof: Record<string, string>): Send {
  return async (request) => {
    await rig.clock.sleep(1500)
    const headers = { 'content-type': 'application/json', ...proof, ...request.headers }
    return rig.raw({ ...request, path: `/api/v1${request.path}`, headers })
  }
}

/** Signs in for somebody who only wants to send. */
export const open = async (rig: Rig): Promise<Send> => (await signIn(rig)).send
