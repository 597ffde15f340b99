import { SaxesParser } from 'saxes'

/** An element of a document, with names stripped of their prefixes. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  readonly text: string
}

type Growing = { -readonly [K in keyof Element]: Element[K] } & { children: Growing[] }

/** Ends the parsing of a document at its first problem. */
class Refused extends Error {}

const MAX_DEPTH = 64
const MAX_ELEMENTS = 20_000

/** Parses a document; gives what is wrong with it instead where it is no XML, declares entities, or is too large. */
export function parseElements(text: string): Element | string {
  const root: Growing = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  let count = 0
  const refuse = (reason: string): never => {
    throw new Refused(reason)
  }

  const parser = new SaxesParser({ xmlns: true })
  parser.on('error', (error) => refuse(error.message))
  parser.on('doctype', () => refuse('a document type is not allowed'))
  parser.on('opentag', ({ local, attributes }) => {
    if (++count > MAX_ELEMENTS) refuse(`more than ${MAX_ELEMENTS} elements`)
    if (open.length > MAX_DEPTH) refuse(`more than ${MAX_DEPTH} levels`)
    const entries = Object.values(attributes).map(({ local, value }) => [local, value])
    const element: Growing = {
      name: local,
      attributes: Object.fromEntries(entries) as Record<string, string>,
      children: [],
      text: '',
    }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('text', (chunk) => {
    const element = open.at(-1)
    if (element !== undefined) element.text += chunk
  })
  parser.on('closetag', () => void open.pop())

  try {
    parser.write(text).close()
  } catch (error) {
    if (error instanceof Refused) return error.message
    throw error
  }
  return root.children[0] ?? 'an empty document'
}

/** The first child of that name. */
export function childOf(element: Element | undefined, name: string): Element | undefined {
  return element?.children.find((child) => child.name === name)
}

/** All children of that name. */
export function childrenOf(element: Element | undefined, name: string): readonly Element[] {
  return element?.children.filter((child) => child.name === name) ?? []
}

/** The trimmed text of the first child of that name. */
export function textOf(element: Element | undefined, name: string): string | undefined {
  return childOf(element, name)?.text.trim()
}
