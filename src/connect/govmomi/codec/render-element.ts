import type { XmlElement } from './element.ts'
import { escapeXml } from './escape.ts'

/** Renders an element under another name, with `xsi` and `xsd` as its only prefixes; both have to be declared around it. */
export function renderElement(element: XmlElement, name: string = element.name): string {
  const type = element.xsiType === undefined ? '' : ` xsi:type="${escapeXml(element.xsiType)}"`
  const attributes = Object.entries(element.attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(value)}"`)
    .join('')
  const content = element.children.map((child) => renderElement(child)).join('') || escapeXml(element.text)
  return `<${name}${type}${attributes}>${content}</${name}>`
}
