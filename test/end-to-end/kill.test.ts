import { beforeAll, describe, expect, it } from 'vitest'

import { openFreshProject, type FreshProject } from '../support/fresh-project.ts'
import { IS_THOROUGH } from '../support/thorough.ts'

/** Kills, spread over the whole deployment. */
const POINTS = IS_THOROUGH ? 20 : 6
/** At a time: one more than there are cores, for each also waits. */
const SIDE_BY_SIDE = 3

/** What there is in the lab after a deployment, without what differs from run to run by nature. */
async function stateOf(project: FreshProject): Promise<string> {
  const { stdout, stderr } = await project.run('lab', 'status')
  expect(stderr).toBe('')
  // Serial numbers are drawn by lot, and a run that was killed has asked more than once.
  return stdout
    .replaceAll(/certificate: [0-9A-F]+/g, 'certificate: some')
    .replaceAll(/asked: \d.*/g, 'asked: something')
}

/** A random number generator with a seed, so that a failure can be seen again. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

describe('a deployment that is killed', () => {
  let wanted: string
  let events: number
  beforeAll(async () => {
    await using project = await openFreshProject()
    const undisturbed = await project.watch(['deploy'], () => undefined)
    expect(undisturbed.code).toBe(0)
    events = undisturbed.events.length
    wanted = await stateOf(project)
  })

  it(`at any of ${POINTS} random points is finished by the same command, with nothing twice`, async () => {
    const random = createRandom(20_261_122)
    const points = Array.from({ length: POINTS }, (_, index) =>
      Math.max(1, Math.floor(((index + random()) / POINTS) * events)),
    )
    const next = points.values()
    const work = async (): Promise<void> => {
      await using project = await openFreshProject()
      for (const point of next) {
        await project.run('lab', 'reset')
        let seen = 0
        const killed = await project.watch(['deploy'], () => ((seen += 1) === point ? 'SIGKILL' : undefined))
        const failures = killed.events.filter(
          (event) => event.type === 'step.finished' && event.error !== undefined,
        )
        expect(failures, `before the kill at event ${point}`).toEqual([])
        expect([null, 0], `killed at event ${point}`).toContain(killed.code)
        const finished = await project.run('deploy')
        expect(finished.code, `killed at event ${point}:\n${finished.stdout}${finished.stderr}`).toBe(0)
        expect(await stateOf(project), `killed at event ${point}`).toBe(wanted)
      }
    }
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work))
  }, 240_000)

  it('by Ctrl-C ends with a recap and 130, and is finished by the same command', async () => {
    await using project = await openFreshProject()
    let seen = 0
    const stopped = await project.watch(['deploy'], () =>
      (seen += 1) === Math.floor(events / 3) ? 'SIGINT' : undefined,
    )
    expect(stopped.code).toBe(130)
    const last = stopped.events.at(-1)
    expect(last).toMatchObject({ type: 'run.finished', recap: { exitCode: 130 } })
    const finished = stopped.events.filter(({ type }) => type === 'step.finished')
    expect(stopped.events[0]).toMatchObject({ steps: finished.length })
    expect((await project.run('deploy')).code).toBe(0)
    expect(await stateOf(project)).toBe(wanted)
  })
})
