import { basename, join } from 'node:path'

import { z } from 'zod'

import { CommandError, defineAction, ModuleError, sh } from '#sdk'

import { lastLine, outputOfResult } from './answer.ts'
import { fetchFile } from './fetch-file.ts'

/** Where the archive is now: as the appliance has packed it, for its user alone and for Support. */
interface Fetched {
  readonly file: string
  readonly bytes: number
}

// It asks every part of the service.
const SECONDS = 900

/** Packs the appliance’s diagnostics for Support and fetches them into the folder of the run. */
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
    const collecting = await ssh.run(sh`vzen collect-diagnostics`, { signal, sudo: true, timeout: SECONDS })
    const said = outputOfResult(collecting, 'vzen collect-diagnostics')
    const newest = sh`ls -t /sc/sme/log/ | grep ${'[.]tgz$'}`
    const { listed } = await ssh.query({ listed: newest }, { signal, sudo: true })
    const name = listed.output.trim().split('\n')[0]?.trim() ?? ''
    const path = /\/\S+\.tgz\b/.exec(said)?.[0] ?? (name === '' ? undefined : `/sc/sme/log/${name}`)
    if (path === undefined)
      throw new CommandError(`vzen collect-diagnostics left no archive: ${lastLine(said)}`, { output: said })
    const file = join(folder, 'diagnostics', `${target}-${basename(path)}`)
    return { file, bytes: await fetchFile(ssh, { from: path, to: file, signal }) }
  },
})
