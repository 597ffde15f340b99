import { isNamed } from './certificate-names.ts'
import type { WantedFile } from './source.ts'

/** A file of a folder, as far as it was looked at. */
export interface SeenFile {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Whether it has been the same for two looks; one that has not is still being written. */
  readonly isWhole: boolean
  /** Why it is nothing that could be wanted, as a clause. */
  readonly problem?: string | undefined
  readonly sha256?: string | undefined
  /** Whom the certificates in it are for, each by all its names. */
  readonly subjects?: readonly (readonly string[])[] | undefined
}

/** The file that is wanted, if it is there, and what there is to say of the others. */
export interface Selection {
  readonly file?: SeenFile | undefined
  readonly remarks: readonly string[]
}

const HASH = /^[0-9a-f]{64}$/i

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

function fits(name: string, pattern: string): boolean {
  const source = Array.from(pattern, (sign) =>
    sign === '*' ? '.*' : sign === '?' ? '.' : escape(sign),
  ).join('')
  return new RegExp(`^${source}$`, 'i').test(name)
}

/** The node that a file name speaks of: the longest name of one that stands in it by itself. */
function ownerByName(name: string, nodes: readonly string[]): string | undefined {
  const found = nodes.filter((node) =>
    new RegExp(`(?<![a-z0-9-])${escape(node)}(?![a-z0-9])`, 'i').test(name),
  )
  return found.toSorted((a, b) => b.length - a.length)[0]
}

/** The nodes whose certificates are in a file. */
const ownersByContent = ({ subjects = [] }: SeenFile, nodes: readonly string[]): readonly string[] =>
  nodes.filter((node) => subjects.some((names) => isNamed(node, names)))

interface Verdict {
  readonly isIt: boolean
  readonly remark?: string | undefined
}

function judgeCertificate(file: SeenFile, { node = '', nodes, match = {} }: WantedFile): Verdict {
  const { name } = file
  const owners = ownersByContent(file, nodes)
  const own = match[node]
  // Who said which file it is, is taken at his word, unless the certificate itself says otherwise.
  const isSaid = own !== undefined && (HASH.test(own) ? own.toLowerCase() === file.sha256 : fits(name, own))
  const other = Object.entries(match).find(
    ([whose, said]) =>
      whose !== node && (HASH.test(said) ? said.toLowerCase() === file.sha256 : fits(name, said)),
  )?.[0]
  if (owners.length > 0 && !owners.includes(node)) {
    const claimed = isSaid || ownerByName(name, nodes) === node
    return {
      isIt: false,
      remark: claimed
        ? `${name} is named for ${node}, and holds the certificate of ${owners.join(', ')}`
        : undefined,
    }
  }
  if (own !== undefined) return { isIt: isSaid }
  const named = other ?? ownerByName(name, nodes)
  if (owners.includes(node)) {
    if (named === undefined || named === node) return { isIt: true }
    return {
      isIt: false,
      remark: `${name} holds the certificate of ${node}, and is named for ${named}: rename it`,
    }
  }
  return { isIt: named === node }
}

function judgeImage({ name, sha256 }: SeenFile, { match }: WantedFile): Verdict {
  const own = match?.['image']
  if (own === undefined) return { isIt: true }
  return { isIt: HASH.test(own) ? own.toLowerCase() === sha256 : fits(name, own) }
}

const ENDINGS = { certificate: /\.zip$/i, image: /\.ova$/i } as const

/** Finds the file that is wanted among those of a folder. Where two could be it, neither is taken: a person has to say. */
export function selectFile(files: readonly SeenFile[], wanted: WantedFile): Selection {
  const { kind, node, nodes } = wanted
  const remarks: string[] = []
  const candidates = new Map<string, SeenFile>()
  for (const file of files.filter(({ name }) => ENDINGS[kind].test(name))) {
    const mayBeIt = kind === 'image' || (ownerByName(file.name, nodes) ?? node) === node
    if (!file.isWhole) {
      if (mayBeIt) remarks.push(`${file.name} is still being written (${file.size} bytes so far)`)
      continue
    }
    if (file.problem !== undefined) {
      if (mayBeIt) remarks.push(`${file.name} is not it: ${file.problem}`)
      continue
    }
    const { isIt, remark } = kind === 'image' ? judgeImage(file, wanted) : judgeCertificate(file, wanted)
    if (remark !== undefined) remarks.push(remark)
    // The same content twice, under two names, is one file.
    if (isIt) candidates.set(file.sha256 ?? file.name, file)
  }
  const [file, ...more] = candidates.values()
  if (more.length === 0) return { file, remarks }
  const names = [...candidates.values()].map(({ name }) => name)
  return { remarks: [...remarks, `${names.join(' and ')} could both be it: leave one of them`] }
}
