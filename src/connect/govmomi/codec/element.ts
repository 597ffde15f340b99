/**
 * An XML element with its names resolved: what is left of a message when prefixes, comments and layout are gone.
 */
export interface XmlElement {
  /** The name without its prefix. */
  readonly name: string
  readonly namespace: string
  /** `xsi:type`, resolved: `VirtualDisk`, or `xsd:long` for a primitive. */
  readonly xsiType: string | undefined
  /** Attributes without a namespace: a reference's `type`. */
  readonly attributes: Readonly<Record<string, string>>
  /** Attributes in any other namespace, by their name without its prefix: an OVF’s `ovf:href`. */
  readonly qualified?: Readonly<Record<string, string>>
  /** `xsi:nil`: the element stands for no value. */
  readonly isNil?: true
  readonly children: readonly XmlElement[]
  /** The text directly inside; empty where there are children. */
  readonly text: string
}

/** The first child of that name. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name)
}
