import { namespaces } from './codec/namespaces.ts'
import type { OperationName } from './schema/operations.ts'

const SERVICE = 'VimService'

/**
 * The WSDL of some operations of the table, as the `soap` package wants it. Bodies are encoded and decoded by our own codec, so
 * the messages are left open: the package gets what it needs to address, wrap and name a call.
 */
export function renderWsdl(names: readonly OperationName[]): string {
  const each = (render: (name: string) => string): string => names.map(render).join('')
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    `<definitions targetNamespace="${namespaces.vim}" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:vim="${namespaces.vim}"` +
    ` xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="${namespaces.schema}">` +
    `<types><xsd:schema targetNamespace="${namespaces.vim}" elementFormDefault="qualified">` +
    each((name) => `<xsd:element name="${name}"/><xsd:element name="${name}Response"/>`) +
    '</xsd:schema></types>' +
    each(
      (name) =>
        `<message name="${name}In"><part name="parameters" element="vim:${name}"/></message>` +
        `<message name="${name}Out"><part name="parameters" element="vim:${name}Response"/></message>`,
    ) +
    '<portType name="VimPortType">' +
    each(
      (name) =>
        `<operation name="${name}"><input message="vim:${name}In"/><output message="vim:${name}Out"/></operation>`,
    ) +
    '</portType><binding name="VimBinding" type="vim:VimPortType">' +
    '<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>' +
    each(
      (name) =>
        `<operation name="${name}"><soap:operation soapAction="${namespaces.vim}" style="document"/>` +
        '<input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>',
    ) +
    `</binding><service name="${SERVICE}"><port name="VimPort" binding="vim:VimBinding">` +
    '<soap:address location="https://localhost/sdk"/></port></service></definitions>'
  )
}
