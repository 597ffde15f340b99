import { isSubtype } from '../schema/lookup.ts'
import type { Value } from '../schema/values.ts'
import { decodeValue } from './decode.ts'
import { childOf, type XmlElement } from './element.ts'
import { encodeValue } from './encode.ts'
import { escapeXml } from './escape.ts'
import { declarations, namespaces } from './namespaces.ts'

/** A fault: its type, the server's words, and its fields as far as the table knows them. */
export interface Fault {
  /** Name of the fault's type, such as `InvalidLogin`; empty where the server named none. */
  readonly type: string
  readonly message: string
  readonly detail: Value<'MethodFault'>
}

/** Encodes a fault as the content of a SOAP body; `detail` holds the fields of the fault's type. */
export function encodeFault({
  type,
  message,
  detail = {},
}: {
  readonly type: string
  readonly message: string
  readonly detail?: object
}): string {
  const content =
    type === ''
      ? ''
      : encodeValue(`${type}Fault`, 'MethodFault', { ...detail, $type: type }).replace(
          ' ',
          ` ${declarations} `,
        )
  return (
    `<soapenv:Fault xmlns:soapenv="${namespaces.soap}"><faultcode>ServerFaultCode</faultcode>` +
    `<faultstring>${escapeXml(message)}</faultstring><detail>${content}</detail></soapenv:Fault>`
  )
}

/** Decodes a fault; undefined where the element is none. Never throws for a type that the table does not know. */
export function decodeFault(element: XmlElement): Fault | undefined {
  if (element.name !== 'Fault') return undefined
  const message = childOf(element, 'faultstring')?.text.trim() ?? ''
  const content = childOf(element, 'detail')?.children[0]
  const type = content?.xsiType ?? content?.name.replace(/Fault$/, '') ?? ''
  const known = content !== undefined && isSubtype(type, 'MethodFault')
  const detail = known ? decodeValue(content, type, { strict: false }) : { faultMessage: [] }
  return { type, message, detail: detail as Value<'MethodFault'> }
}
