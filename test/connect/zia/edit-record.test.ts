import { describe, expect, it } from 'vitest'

import { wallClock } from '../../../src/connect/wall-clock.ts'
import { createEditRecord } from '../../../src/connect/zia/edit-record.ts'
import { createMark } from '../../modules/zia/direct.ts'

const active = () => Promise.resolve('ACTIVE' as const)

function open() {
  const mark = createMark()
  const record = createEditRecord({ mark, clock: wallClock, login: 'legacy', others: 'refuse' })
  const begin = (domain: string) => record.begin(active, { domain, found: () => {} })
  return { mark, record, begin }
}

describe('what a session keeps of its edits', () => {
  it.each(['before it is sent', 'when it is sent'])(
    'has the edit under way where the session ends %s, whoever notices that',
    async (moment) => {
      const { mark, record, begin } = open()
      await begin('one')
      record.edited()
      await record.end()
      await begin('two')
      if (moment === 'when it is sent') record.edited()
      await record.lapsed()
      if (moment === 'before it is sent') record.edited()
      await record.end()
      expect([record.isPending(), record.staged()]).toEqual([true, ['two']])
      expect(await mark.read()).toMatchObject({ domains: ['two'] })
    },
  )

  it('has nothing of what was refused, and everything of what was sent again', async () => {
    const { mark, record, begin } = open()
    await begin('good')
    record.edited()
    await record.end()
    await begin('bad')
    record.edited()
    record.refused()
    await record.end()
    expect(record.staged()).toEqual(['good'])
    expect(await mark.read()).toMatchObject({ domains: ['good'] })
    await begin('locked')
    record.edited()
    record.refused()
    record.edited()
    await record.end()
    expect(record.staged()).toEqual(['good', 'locked'])
    expect(await mark.read()).toMatchObject({ domains: ['good', 'locked'] })
  })
})
