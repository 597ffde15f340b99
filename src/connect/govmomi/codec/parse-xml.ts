import { SaxesParser } from 'saxes'

import type { XmlElement } from './element.ts'
import { CodecError } from './error.ts'
import { namespaces } from './namespaces.ts'

/** Bounds of a document. */
export interface XmlBounds {
  /** Characters; default 64 Mi. */
  readonly maxLength?: number
  /** Nested elements; default 100. */
  readonly maxDepth?: number
  /** Elements in all; default 2 000 000, which is a hundred times the largest answer of a large vCenter. */
  readonly maxElements?: number
}

type Prefixes = Readonly<Record<string, string>>

interface Open {
  readonly element: { -readonly [K in keyof XmlElement]: XmlElement[K] } & { children: XmlElement[] }
  readonly prefixes: Prefixes
}

// Whoever declares a prefix inherits the others: a copy for each would let a small document take hours.
const prefixTable = (outer: Prefixes | null): Record<string, string> =>
  Object.create(outer) as Record<string, string>

// Some clients, govc among them, name XML Schema's types without declaring the prefix; servers take it as meant.
const wellKnown = Object.assign(prefixTable(null), {
  xml: 'http://www.w3.org/XML/1998/namespace',
  xsd: namespaces.schema,
})

const MAX_ATTRIBUTES = 256

function split(name: string): readonly [prefix: string, local: string] {
  const colon = name.indexOf(':')
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)]
}

function bind(prefixes: Prefixes, attributes: Readonly<Record<string, string>>): Prefixes {
  let bound: Record<string, string> | undefined
  for (const name in attributes) {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue
    bound ??= prefixTable(prefixes)
    bound[name === 'xmlns' ? '' : name.slice(6)] = attributes[name] ?? ''
  }
  return bound ?? prefixes
}

// Most elements have none: one object serves them all.
const NO_ATTRIBUTES: Readonly<Record<string, string>> = Object.freeze({})

// Servers differ in the prefix they give the instance namespace (`xsi`, `_XMLSchema-instance`, …): only the namespace counts.
function open(name: string, attributes: Readonly<Record<string, string>>, outer: Prefixes): Open {
  const prefixes = bind(outer, attributes)
  const [prefix, local] = split(name)
  const namespace = prefixes[prefix]
  if (namespace === undefined && prefix !== '') {
    throw new CodecError('xml', `the prefix of <${name}> is not declared`)
  }
  let xsiType: string | undefined
  let own: Record<string, string> | undefined
  let qualified: Record<string, string> | undefined
  let isNil = false
  for (const attribute in attributes) {
    if (attribute === 'xmlns' || attribute.startsWith('xmlns:')) continue
    const text = attributes[attribute] ?? ''
    const [prefix, local] = split(attribute)
    if (prefix === '') {
      own ??= {}
      own[local] = text
    } else if (local === 'type' && prefixes[prefix] === namespaces.instance) {
      const [of, type] = split(text.trim())
      xsiType = prefixes[of] === namespaces.schema ? `xsd:${type}` : type
    } else if (local === 'nil' && prefixes[prefix] === namespaces.instance) {
      isNil = text === 'true' || text === '1'
    } else {
      qualified ??= {}
      qualified[local] = text
    }
  }
  const element = {
    name: local,
    namespace: namespace ?? '',
    xsiType,
    attributes: own ?? NO_ATTRIBUTES,
    children: [],
    text: '',
  }
  if (qualified === undefined && !isNil) return { element, prefixes }
  const rare = { ...(qualified === undefined ? {} : { qualified }), ...(isNil ? { isNil } : {}) }
  return { element: { ...element, ...rare }, prefixes }
}

/**
 * Parses a document into its root element. Document types are refused, and with them every entity but XML's own five;
 * length, depth, elements and attributes are bounded. Throws a `CodecError` of kind `xml`.
 */
export function parseXml(
  text: string,
  { maxLength = 67_108_864, maxDepth = 100, maxElements = 2_000_000 }: XmlBounds = {},
): XmlElement {
  if (text.length > maxLength) {
    throw new CodecError('xml', `the document has ${text.length} characters, more than ${maxLength}`)
  }
  const parser = new SaxesParser({ xmlns: false, position: false })
  const stack: Open[] = []
  let root: XmlElement | undefined
  let pieces: string[] = []
  let elements = 0
  let attributesHere = 0

  parser.on('error', (error) => {
    throw new CodecError('xml', `not well-formed XML: ${error.message}`)
  })
  parser.on('doctype', () => {
    throw new CodecError('xml', 'the document has a document type, which no vSphere message has')
  })
  parser.on('text', (piece) => pieces.push(piece))
  parser.on('cdata', (piece) => pieces.push(piece))
  parser.on('opentagstart', () => {
    attributesHere = 0
    elements += 1
    if (elements > maxElements) throw new CodecError('xml', `more than ${maxElements} elements`)
  })
  parser.on('attribute', ({ name }) => {
    attributesHere += 1
    if (attributesHere > MAX_ATTRIBUTES) {
      throw new CodecError('xml', `more than ${MAX_ATTRIBUTES} attributes before ${name.slice(0, 60)}`)
    }
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (stack.length >= maxDepth) throw new CodecError('xml', `more than ${maxDepth} nested elements`)
    pieces = []
    stack.push(open(name, attributes, stack.at(-1)?.prefixes ?? wellKnown))
  })
  parser.on('closetag', () => {
    const element = stack.pop()?.element
    if (element === undefined) return
    if (element.children.length === 0) element.text = pieces.join('')
    pieces = []
    const parent = stack.at(-1)?.element
    if (parent === undefined) root = element
    else parent.children.push(element)
  })
  parser.write(text).close()
  if (root === undefined) throw new CodecError('xml', 'the document is empty')
  return root
}
