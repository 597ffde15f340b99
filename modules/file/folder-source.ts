import { access, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { TimeoutError, type BringUse, type HumanTask } from '#sdk'

import { readNames } from './certificate-names.ts'
import { readImage } from './image.ts'
import { explainMissing, readHash } from './keep.ts'
import { placeFile } from './place-file.ts'
import { selectFile, type SeenFile } from './select-file.ts'
import type { Source, WantedFile } from './source.ts'
import { readZip } from './zip.ts'

/** Milliseconds between two looks. A look every so often also sees what arrives on a share, which tells nobody. */
const EVERY = 2000

/** Folders are for hand-carried files; in one with more than this, somebody has named the wrong folder. */
const MOST_FILES = 2000

/** Where somebody puts the files, under whatever names, and how many milliseconds they may take to come. */
export interface FolderOptions {
  readonly folder: string
  readonly patience: number
}

/** What a file was like at an earlier look: size and time of change. */
type Memory = Map<string, string>

async function lookAt(file: string, wanted: WantedFile, signal: AbortSignal): Promise<Partial<SeenFile>> {
  try {
    if (wanted.kind === 'certificate') {
      const { problem, sha256, certificates } = await readZip({ path: file, signal })
      const subjects = certificates.flatMap((pem) => readNames(pem)?.subject ?? []).map((name) => [name])
      return { problem, sha256, subjects }
    }
    const { problems } = await readImage({ path: file, signal })
    const isHashed = /^[0-9a-f]{64}$/i.test(wanted.match?.['image'] ?? '')
    const sha256 = isHashed ? await readHash({ path: file, signal }) : undefined
    return { problem: problems.length === 0 ? undefined : problems.join('; '), sha256 }
  } catch (error) {
    signal.throwIfAborted()
    return { problem: explainMissing(error) }
  }
}

async function look(
  { folder, memory }: { readonly folder: string; readonly memory: Memory },
  wanted: WantedFile,
  signal: AbortSignal,
): Promise<readonly SeenFile[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
  const seen: SeenFile[] = []
  for (const name of names.slice(0, MOST_FILES).toSorted()) {
    signal.throwIfAborted()
    const file = join(folder, name)
    // It may have been taken away between the two.
    const stats = await stat(file).catch(() => undefined)
    if (stats === undefined) continue
    const state = `${stats.size} ${stats.mtimeMs}`
    const isWhole = memory.get(name) === state && stats.size > 0
    memory.set(name, state)
    seen.push({ name, size: stats.size, isWhole, ...(isWhole ? await lookAt(file, wanted, signal) : {}) })
  }
  return seen
}

const describe = ({ kind, node = '' }: WantedFile): string =>
  kind === 'image' ? 'the VM image' : `the certificate of ${node}`

/** A folder that somebody fills: watched until the wanted file has come whole, which is then copied to where it is wanted. */
export function openFolderSource({ folder, patience }: FolderOptions): Source {
  async function wait(wanted: WantedFile, { signal, clock, tell }: BringUse): Promise<boolean> {
    const memory: Memory = new Map()
    const until = clock.now() + patience
    let told = ''
    for (;;) {
      // What is there is never replaced: somebody has to say what is to become of it.
      if (await isThere(wanted.path)) return false
      const { file, remarks } = await look({ folder, memory }, wanted, signal)
        .then((files) => selectFile(files, wanted))
        .catch((error: unknown) => {
          signal.throwIfAborted()
          return { file: undefined, remarks: [`${folder} cannot be read: ${explainMissing(error)}`] }
        })
      if (file !== undefined) {
        await placeFile(join(folder, file.name), { to: wanted.path, sha256: file.sha256, signal })
        tell(`${file.name} is ${describe(wanted)}, and copied to ${wanted.path}`)
        return true
      }
      const reason = [`${describe(wanted)} to come into ${folder}`, ...remarks].join('; ')
      if (reason !== told) tell(reason)
      told = reason
      if (clock.now() >= until) {
        throw new TimeoutError(`${reason}: it has not come in ${Math.round(patience / 60_000)} minutes`, {
          hint: `put ${basename(wanted.path)} there, and run the same command again`,
        })
      }
      await clock.sleep(EVERY, { signal })
    }
  }
  return { bring: wait }
}

/** A folder and what is to come into it. */
export interface Inbox extends FolderOptions {
  readonly wanted: WantedFile
}

/** What a person has to do, or have done by whoever fills the folder; unchanged where there is none. */
export function orFromFolder(task: HumanTask, inbox: Inbox | undefined): HumanTask {
  if (inbox === undefined) return task
  const { folder, wanted } = inbox
  const source = openFolderSource(inbox)
  return {
    ...task,
    instructions: [
      ...task.instructions,
      `or put it into ${folder}, under any name: it is told by its content, and copied`,
    ],
    bring: (use) => source.bring(wanted, use),
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
