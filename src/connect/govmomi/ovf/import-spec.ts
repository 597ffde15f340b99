import { childOf, type XmlElement } from '../codec/element.ts'
import { encodeValue } from '../codec/encode.ts'
import { declarations } from '../codec/namespaces.ts'
import { parseXml } from '../codec/parse-xml.ts'
import { VimError } from '../error.ts'
import { fieldsOf } from '../schema/lookup.ts'

/** What is written into the virtual machine while it is being imported. */
export interface ImportPatch {
  readonly annotation: string
  /** Advanced settings, by key. */
  readonly extraConfig: Readonly<Record<string, string>>
}

const SPEC = 'VirtualMachineConfigSpec'

// A server may put fields into a specification that the table does not know. A new one goes behind the last known one that
// comes before it, so that they all stay in order.
function insert(spec: XmlElement, field: string, added: readonly XmlElement[]): XmlElement {
  const order = fieldsOf(SPEC)?.map(({ name }) => name) ?? []
  const place = order.indexOf(field)
  let at = 0
  spec.children.forEach((child, index) => {
    const of = order.indexOf(child.name)
    if (of >= 0 && of <= place) at = index + 1
  })
  return { ...spec, children: [...spec.children.slice(0, at), ...added, ...spec.children.slice(at)] }
}

function toElement(name: string, type: string, value: unknown): XmlElement {
  const root = parseXml(`<root ${declarations}>${encodeValue(name, type, value)}</root>`)
  const element = root.children[0]
  if (element === undefined) throw new VimError('protocol', `${name} was encoded as nothing`)
  return element
}

/**
 * Writes an annotation and advanced settings into an import specification, and leaves everything else exactly as the server
 * made it.
 */
export function patchImportSpec(spec: XmlElement, { annotation, extraConfig }: ImportPatch): XmlElement {
  const config = childOf(spec, 'configSpec')
  if (config === undefined || spec.xsiType !== 'VirtualMachineImportSpec') {
    throw new VimError('archive', 'the OVA describes something else than one virtual machine')
  }
  const without = { ...config, children: config.children.filter(({ name }) => name !== 'annotation') }
  const annotated = insert(without, 'annotation', [toElement('annotation', 'string', annotation)])
  const options = Object.entries(extraConfig).map(([key, value]) =>
    toElement('extraConfig', 'OptionValue', { key, value }),
  )
  const patched = insert(annotated, 'extraConfig', options)
  return { ...spec, children: spec.children.map((child) => (child === config ? patched : child)) }
}
