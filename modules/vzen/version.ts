import { z } from 'zod'

import { defineModule, sh, type Change } from '#sdk'

/** The versions an appliance tells. */
interface VersionFacts {
  /** Major version of ZscalerOS. */
  readonly platform: number | undefined
  /** Version of the installed build. */
  readonly build: string | undefined
}

/** Checks that the platform of the appliance is a supported one, and tells the version of its build. */
export const version = defineModule({
  name: 'vzen/version',
  summary: 'The platform of the appliance is supported',
  connection: 'appliance',
  params: z.strictObject({
    platforms: z
      .array(z.number().int().positive())
      .min(1)
      .default([24, 42])
      .meta({ description: 'Supported major versions of ZscalerOS' }),
  }),

  async read({ connection, signal }): Promise<VersionFacts> {
    const ssh = await connection.ssh({ signal })
    const { uname, build } = await ssh.query(
      { uname: sh`uname -a`, build: sh`/sc/sme/bin/sme -V` },
      { signal, sudo: true },
    )
    const platform = /ZscalerOS[-_ /]?(\d+)/i.exec(uname.output)?.[1]
    return {
      platform: platform === undefined ? undefined : Number(platform),
      build: build.code === 0 ? /\d+(?:\.\d+)+/.exec(build.output)?.[0] : undefined,
    }
  },

  diff({ platform }, { platforms }): readonly Change[] {
    if (platform !== undefined && platforms.includes(platform)) return []
    const to = `ZscalerOS ${platforms.join(' or ')}`
    return [{ path: 'platform', from: platform === undefined ? 'unknown' : `ZscalerOS ${platform}`, to }]
  },

  hint: () => 'the platform comes with the image: download the current VM, and deploy the node anew from it',
})
