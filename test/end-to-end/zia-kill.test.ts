import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { writeEstate } from '../load/support/written.ts'
import { openFreshProject, type FreshProject } from '../support/fresh-project.ts'
import { IS_THOROUGH } from '../support/thorough.ts'
import { CREDENTIALS, HASTE, openOuterTenant, type OuterTenant } from './outer-tenant.ts'

/** Kills at home, spread over all requests; every one of them, when it has arrived and when it was answered, in CI. */
const POINTS = 6
const SIDE_BY_SIDE = 3

/** Longer than a legacy session lives without a call. */
const TEN_MINUTES = 600_000

/** Each activates what the other has staged. */
const TOGETHER = ['--set', 'activateOthers=true'] as const

const LOCATIONS = ['Frankfurt', 'Munich']

/** What a run of the portal's steps is started with: an inventory whose tenant listens on this machine. */
async function prepare(
  { folder }: FreshProject,
  { apiUrl, root }: OuterTenant,
  net = 84,
): Promise<{ readonly env: Readonly<Record<string, string>>; readonly args: readonly string[] }> {
  const name = net === 84 ? 'fra' : 'muc'
  const text = JSON.stringify(writeEstate())
    .replaceAll('10.84.', `10.${net}.`)
    .replaceAll('fra-1', `${name}-1`)
  const estate = JSON.parse(text) as ReturnType<typeof writeEstate>
  const site = estate.sites['fra']
  const cluster = site?.clusters[`${name}-1`]
  if (cluster === undefined) throw new TypeError('the cluster is missing')
  cluster['location'] = { name: net === 84 ? 'Frankfurt' : 'Munich' }
  estate.zia = {
    cloud: 'zscalertwo',
    apiUrl,
    login: {
      kind: 'legacy',
      username: 'me',
      password: { env: 'ZIA_PASSWORD' },
      apiKey: { env: 'ZIA_API_KEY' },
    },
  }
  const inventory = join(folder, 'inventory', `outer-${name}.json`)
  await writeFile(inventory, JSON.stringify(estate))
  const pem = join(folder, 'root.pem')
  await writeFile(pem, root)
  return {
    env: {
      ...CREDENTIALS,
      VSE_PASSWORD: 'unused',
      VC_PASSWORD: 'unused',
      NODE_EXTRA_CA_CERTS: pem,
      NODE_OPTIONS: HASTE,
    },
    args: ['portal', '-i', inventory, '--skip-tags', 'downloads'],
  }
}

/** Forgets all that runs have left in a project, but for what was compiled. */
async function forget({ folder }: FreshProject): Promise<void> {
  const state = join(folder, '.runbook')
  for (const name of await readdir(state)) {
    if (name !== 'cache') await rm(join(state, name), { recursive: true })
  }
}

interface Point {
  readonly at: number
  readonly moment: 'arrived' | 'answered'
}

/** A run that is killed at a request, and the same command again: what is there then. */
async function killAndFinish(project: FreshProject, { at, moment }: Point): Promise<unknown> {
  await using outer = await openOuterTenant(LOCATIONS)
  const { env, args } = await prepare(project, outer)
  const child = project.launch(env, args)
  const leave = outer.tenant.watch(async (passage) => {
    if (passage.number !== at || passage.moment !== moment) return undefined
    child.process.kill('SIGKILL')
    await child.ended
    return 'cut'
  })
  const killed = await child.ended
  expect(killed.code, `at request ${at}:\n${killed.stdout}${killed.stderr}`).toBeNull()
  leave()
  const finished = await project.runWith(env, args)
  expect(finished.code, `after request ${at}:\n${finished.stdout}${finished.stderr}`).toBe(0)
  return outer.describe()
}

describe('the steps in the admin portal, run by a process of its own', () => {
  const projects: FreshProject[] = []
  let wanted: unknown
  let requests = 0
  beforeAll(async () => {
    for (let lane = 0; lane < SIDE_BY_SIDE; lane += 1) projects.push(await openFreshProject())
    const [project] = projects as [FreshProject]
    await using outer = await openOuterTenant(LOCATIONS)
    const { env, args } = await prepare(project, outer)
    const ended = await project.runWith(env, args)
    expect(ended.code, `${ended.stdout}${ended.stderr}`).toBe(0)
    wanted = outer.describe()
    requests = outer.tenant.counts.requests
    expect(requests).toBeGreaterThan(20)
    expect(outer.tenant.counts.tooFast).toBe(0)
    // The first run of all has the types checked.
  }, 180_000)
  afterAll(() => Promise.all(projects.map((project) => project[Symbol.asyncDispose]())))

  it(
    'is finished by the same command, with nothing twice, whatever request it was killed at',
    { timeout: 600_000 },
    async () => {
      // The last request is the log-out, after which there is nothing to finish.
      const all = Array.from({ length: requests - 1 }, (_, index) => index + 1).flatMap(
        (at): readonly Point[] => [
          { at, moment: 'arrived' },
          { at, moment: 'answered' },
        ],
      )
      const points = IS_THOROUGH
        ? all
        : Array.from(
            { length: POINTS },
            (_, index) => all[Math.floor(((index + 0.75) / POINTS) * all.length)] as Point,
          )
      const next = points.values()
      await Promise.all(
        projects.map(async (project) => {
          for (const point of next) {
            await forget(project)
            expect(await killAndFinish(project, point), `${point.moment} ${point.at}`).toEqual(wanted)
          }
        }),
      )
    },
  )

  it.runIf(IS_THOROUGH)(
    'takes nobody else’s changes for its own, minutes after it was killed: ZIA has activated those meanwhile',
    { timeout: 180_000 },
    async () => {
      const [project] = projects as [FreshProject]
      await forget(project)
      await using outer = await openOuterTenant(LOCATIONS)
      const { env, args } = await prepare(project, outer)
      const child = project.launch(env, args)
      outer.tenant.watch(async ({ method, path, moment }) => {
        if (method !== 'POST' || path !== '/virtualZenClusters' || moment !== 'answered') return undefined
        child.process.kill('SIGKILL')
        await child.ended
        return 'cut'
      })
      expect((await child.ended).code).toBeNull()
      outer.pass(TEN_MINUTES)
      const admin = outer.tenant.administrator({ name: 'admin@acme.example' })
      await admin.edit('locations', 'Munich', { description: 'not ready yet' })
      const { writes, activations } = outer.tenant.counts
      const again = await project.runWith({ ...env, AHEAD: String(TEN_MINUTES) }, args)
      expect(again.code).toBe(2)
      expect(`${again.stdout}${again.stderr}`).toContain(
        'changes are pending in ZIA that may be those of the run from here at',
      )
      expect(outer.tenant.counts).toMatchObject({ writes, activations })
    },
  )

  it('is finished by the same command also where that was for one node of a cluster', async () => {
    const [project] = projects as [FreshProject]
    await forget(project)
    await using outer = await openOuterTenant(LOCATIONS)
    const { env, args } = await prepare(project, outer)
    const one = [...args, '--limit', 'fra-1-a']
    const child = project.launch(env, one)
    const leave = outer.tenant.watch(async ({ method, path, moment }) => {
      if (method !== 'POST' || path !== '/virtualZenNodes' || moment !== 'answered') return undefined
      child.process.kill('SIGKILL')
      await child.ended
      return 'cut'
    })
    expect((await child.ended).code).toBeNull()
    leave()
    expect(outer.tenant.status()['activation']).toBe('PENDING')
    const { code, stdout, stderr } = await project.runWith(env, one)
    expect(code, `${stdout}${stderr}`).toBe(0)
    expect(outer.tenant.status()).toMatchObject({ activation: 'ACTIVE', instances: [{ name: 'fra-1-a' }] })
  })

  it('gets along with another process that does the same for another cluster at the same time', async () => {
    await using outer = await openOuterTenant(LOCATIONS)
    const [one, two] = projects as [FreshProject, FreshProject]
    const runs = [await prepare(one, outer), await prepare(two, outer, 85)] as const
    const ended = await Promise.all([
      one.runWith(runs[0].env, [...runs[0].args, ...TOGETHER]),
      two.runWith(runs[1].env, [...runs[1].args, ...TOGETHER]),
    ])
    for (const { code, stdout, stderr } of ended) expect(code, `${stdout}${stderr}`).toBe(0)
    const { activation, instances, clusters, rules } = outer.tenant.status()
    const named = (list: unknown): readonly string[] =>
      (list as readonly { readonly name: string }[]).map(({ name }) => name).toSorted()
    expect(activation).toBe('ACTIVE')
    expect(named(instances)).toEqual(['fra-1-a', 'fra-1-b', 'muc-1-a', 'muc-1-b'])
    expect(named(clusters)).toEqual(['fra-1', 'muc-1'])
    expect((rules as readonly string[]).filter((name) => name.includes('-1')).toSorted()).toHaveLength(2)
  })
})
