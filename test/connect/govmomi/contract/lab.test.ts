import { expect, it } from 'vitest'

import { contract, describeContract } from './contract.ts'
import { differences } from './differences.ts'
import { openLabServer } from './lab-server.ts'

describeContract('the lab’s vCenter', 'vcenter', () => openLabServer('vcenter'))
describeContract('the lab’s ESXi host', 'esxi', () => openLabServer('esxi'))

it('forgives the lab nothing: where it differs, it is wrong', () => {
  expect(differences.filter(({ server }) => server.startsWith('the lab'))).toEqual([])
})

it('names in its differences only behaviours that there are, each with a reason', () => {
  const titles = Object.values(contract).flatMap((chapter) => chapter.map(({ title }) => title))
  expect(new Set(titles).size).toBe(titles.length)
  for (const { behaviour, reason } of differences) {
    expect(titles).toContain(behaviour)
    expect(reason).toMatch(/^(?!the ).{20,}[^.]$|^the .{20,}[^.]$/)
  }
})
