import { childOf, type XmlElement } from '../codec/element.ts'
import { CodecError } from '../codec/error.ts'
import { parseXml } from '../codec/parse-xml.ts'
import { VimError } from '../error.ts'
import { checkMemberName } from './member-name.ts'

/** A file that a descriptor refers to. */
export interface OvfFile {
  readonly id: string
  /** Name inside the archive. */
  readonly href: string
  /** Bytes, where the descriptor says. */
  readonly size: number | undefined
}

/** What an OVF descriptor promises, as far as a deployment has to know it. */
export interface OvfDescriptor {
  readonly name: string | undefined
  readonly files: readonly OvfFile[]
  /** Names of the networks in its network section. */
  readonly networks: readonly string[]
  /** The network of each adapter, in the order of the adapters. */
  readonly adapters: readonly string[]
}

const ETHERNET = '10'

const MAX_DESCRIPTOR = 8 * 1024 * 1024

const attribute = (element: XmlElement, name: string): string | undefined =>
  element.qualified?.[name] ?? element.attributes[name]

function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? []
}

const textOf = (element: XmlElement, name: string): string | undefined => childOf(element, name)?.text.trim()

function toFile(element: XmlElement): OvfFile {
  const id = attribute(element, 'id')
  const href = attribute(element, 'href')
  if (id === undefined || href === undefined) {
    throw new VimError('archive', 'the OVF descriptor has a file without id or href')
  }
  const wrong = checkMemberName(href)
  if (wrong !== undefined) throw new VimError('archive', `the OVF descriptor wants a file, but ${wrong}`)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(href)) {
    throw new VimError('archive', `${href} is not in the image, but somewhere else, which is not supported`, {
      hint: 'repack the image with ovftool, so that it holds all of its files',
    })
  }
  if (attribute(element, 'chunkSize') !== undefined || attribute(element, 'compression') === 'gzip') {
    throw new VimError('archive', `${href} is split or compressed inside the OVA, which is not supported`, {
      hint: 'repack the image with ovftool, without chunks and compression',
    })
  }
  const size = attribute(element, 'size')
  if (size !== undefined && !/^\d{1,15}$/.test(size)) {
    throw new VimError('archive', `the size of ${href} is “${size.slice(0, 20)}”`)
  }
  return { id, href, size: size === undefined ? undefined : Number(size) }
}

function placeOf(item: XmlElement): number | undefined {
  const text = textOf(item, 'AddressOnParent')
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

// Adapters are in the order of their place on the parent, where they say one, else as they are written.
function toAdapters(hardware: XmlElement | undefined): readonly string[] {
  return childrenOf(hardware, 'Item')
    .filter((item) => textOf(item, 'ResourceType') === ETHERNET)
    .map((item, index) => ({
      place: placeOf(item) ?? index,
      network: textOf(item, 'Connection') ?? '',
    }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ network }) => network)
}

/** Parses an OVF descriptor with exactly one virtual machine. Throws a `VimError` of kind `archive`. */
export function parseDescriptor(text: string): OvfDescriptor {
  let envelope: XmlElement
  try {
    envelope = parseXml(text, { maxLength: MAX_DESCRIPTOR })
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause
    throw new VimError('archive', `the OVF descriptor is broken: ${cause.message}`, { cause })
  }
  if (envelope.name !== 'Envelope') {
    throw new VimError('archive', `the OVF descriptor starts with <${envelope.name}>`)
  }
  const system = childOf(envelope, 'VirtualSystem')
  if (system === undefined) {
    throw new VimError('archive', 'the OVF descriptor does not describe one virtual machine')
  }
  const files = childrenOf(childOf(envelope, 'References'), 'File').map(toFile)
  const names = files.map(({ href }) => href)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new VimError('archive', `the OVF descriptor refers to ${twice} twice`)
  return {
    name: textOf(system, 'Name') ?? attribute(system, 'id'),
    files,
    networks: childrenOf(childOf(envelope, 'NetworkSection'), 'Network').map(
      (network) => attribute(network, 'name') ?? '',
    ),
    adapters: toAdapters(childOf(system, 'VirtualHardwareSection')),
  }
}
