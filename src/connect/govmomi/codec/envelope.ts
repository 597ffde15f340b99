import { childOf, type XmlElement } from './element.ts'
import { CodecError } from './error.ts'
import { namespaces } from './namespaces.ts'
import { parseXml, type XmlBounds } from './parse-xml.ts'

/** Wraps the XML of a body into a SOAP 1.1 envelope. */
export function renderEnvelope(body: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    `<soapenv:Envelope xmlns:soapenv="${namespaces.soap}"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`
  )
}

/** Opens an envelope: the one element in its body. Throws a `CodecError` where there is none. */
export function parseEnvelope(text: string, bounds: XmlBounds = {}): XmlElement {
  const root = parseXml(text, bounds)
  if (root.name !== 'Envelope' || root.namespace !== namespaces.soap) {
    throw new CodecError('xml', `<${root.name}> is not a SOAP envelope`)
  }
  const content = childOf(root, 'Body')?.children[0]
  if (content === undefined) throw new CodecError('xml', 'the SOAP envelope has no body')
  return content
}
