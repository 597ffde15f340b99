import { basename, join } from 'node:path'

import { z } from 'zod'

import { CommandError, defineAction, ModuleError, sh, type SshWriter } from '#sdk'

import { lastLine, outputOfResult } from './answer.ts'
import { fetchFile } from './fetch-file.ts'

/** Where the archive is now: as the appliance has packed it, for its user alone and for Support. */
interface Fetched {
  readonly file: string
  readonly bytes: number
}

const FOLDER = '/sc/sme/log/'

// It asks every part of the service.
const SECONDS = 900

const listArchives = async (ssh: SshWriter, signal: AbortSignal): Promise<readonly string[]> => {
  const { listed } = await ssh.query(
    { listed: sh`ls -t ${FOLDER} | grep ${'[.]tgz$'}` },
    { signal, sudo: true },
  )
  return listed.output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^[\w.-]+\.tgz$/.test(line))
}

/**
 * Packs the appliance’s diagnostics for Support, fetches them into the folder of the run, and removes what it has packed from
 * the appliance, whose disk they would fill.
 */
export const diagnostics = defineAction({
  name: 'vzen/diagnostics',
  summary: 'The diagnostics of the appliance are in the folder of the run',
  connection: 'appliance',
  params: z.strictObject({}),
  changes: 'always',

  async run({ connection, signal, folder, target }): Promise<Fetched> {
    if (folder === undefined)
      throw new ModuleError('this run has no folder that diagnostics could be put into')
    const ssh = await connection.ssh({ signal })
    const before = await listArchives(ssh, signal)
    const collecting = await ssh.run(sh`vzen collect-diagnostics`, { signal, sudo: true, timeout: SECONDS })
    const said = outputOfResult(collecting, 'vzen collect-diagnostics')
    const name = (await listArchives(ssh, signal)).find((each) => !before.includes(each))
    // Only what this command has made: an archive that was there before is somebody's.
    const path = /\/\S+\.tgz\b/.exec(said)?.[0] ?? (name === undefined ? undefined : FOLDER + name)
    if (path === undefined || before.includes(path.slice(FOLDER.length)))
      throw new CommandError(`vzen collect-diagnostics left no archive: ${lastLine(said)}`, { output: said })
    const file = join(folder, 'diagnostics', `${target}-${basename(path)}`)
    const bytes = await fetchFile(ssh, { from: path, to: file, signal })
    outputOfResult(await ssh.run(sh`rm -f ${path}`, { signal, sudo: true }), `removing ${path}`)
    return { file, bytes }
  },
})
