import { describe, expect, it } from 'vitest'

import { Secret } from '../../src/model/secret.ts'
import { emptyLedger, openLedger } from '../../src/run/ledger.ts'

function secretOf(value: string): Secret {
  const secret = new Secret({ kind: 'env', name: 'X' })
  secret.open(value)
  return secret
}

describe('the ledger', () => {
  const document = () => ({ value: emptyLedger(), save: () => Promise.resolve() })
  const applied = (params: unknown, identity = 'uuid-1') => ({
    module: 'vzen/x',
    target: 'a',
    identity,
    params,
  })

  it('remembers what was applied to exactly this thing', async () => {
    const ledger = openLedger(document())
    await ledger.keep(applied({ at: '01:00' }))
    expect(ledger.holds(applied({ at: '01:00' }))).toBe(true)
    expect(ledger.holds(applied({ at: '02:00' }))).toBe(false)
    expect(ledger.holds(applied({ at: '01:00' }, 'uuid-2'))).toBe(false)
  })

  it('notices another secret, and keeps none of it', async () => {
    const kept = document()
    const ledger = openLedger(kept)
    await ledger.keep(applied({ password: secretOf('correct horse') }))
    expect(ledger.holds(applied({ password: secretOf('correct horse') }))).toBe(true)
    expect(ledger.holds(applied({ password: secretOf('wrong horse') }))).toBe(false)
    expect(JSON.stringify(kept.value)).not.toContain('horse')
  })

  it('owes a handler until it is settled', async () => {
    const ledger = openLedger(document())
    await ledger.owe('a', '9/Restart')
    await ledger.owe('a', '9/Restart')
    expect(ledger.owes('a')).toEqual(['9/Restart'])
    await ledger.settle('a', '9/Restart')
    expect(ledger.owes('a')).toEqual([])
  })
})
