import { expect, it } from 'vitest'

import { openFreshProject } from '../support/fresh-project.ts'
import { IS_THOROUGH } from '../support/thorough.ts'

/** Runs that find it half written: the one that stages it, and one that only finds it so. */
const HALF = IS_THOROUGH ? 2 : 1

it('a cluster that fails half-way is not activated until it is whole, and the end of the run says when ZIA does it by itself', async () => {
  await using project = await openFreshProject()
  // Before anything else was done in the lab.
  expect(await project.run('lab', 'fault', 'zia-drop-binding')).toMatchObject({ code: 0 })
  for (let run = 1; run <= HALF; run += 1) {
    const half = await project.run('portal')
    expect(half.code).toBe(2)
    expect(half.stdout).toMatch(
      /Activate the changes › .* failed .*\n +lab-1 failed and may be half written, .* lapses, at \d\d:\d\d/,
    )
    expect(half.stdout).toMatch(
      /\nWhat this run has changed in ZIA \(zscalerlab\) for lab-1 is not activated: .* at \d\d:\d\d.*\n\nestate/,
    )
  }
  await project.run('lab', 'fault', 'zia-drop-binding', '--clear')
  const whole = await project.run('portal')
  expect(whole).toMatchObject({ code: 0, stderr: '' })
  expect(whole.stdout).toMatch(/Activate the changes › Every change is active … changed/)
  expect(whole.stdout).not.toContain('is not activated')
})
