import { describe, expect, it } from 'vitest'

import { describeFault, hintOf } from '../../../src/connect/govmomi/fault-hint.ts'

const fault = (type: string, message: string, fields: object = {}) => ({
  type,
  message,
  detail: { faultMessage: [], ...fields },
})

describe('a fault', () => {
  it('is told in the server’s words, with its type and values', () => {
    const text = describeFault(
      fault('InvalidArgument', 'A parameter was wrong.', { invalidProperty: 'spec' }),
    )
    expect(text).toBe('A parameter was wrong (InvalidArgument, invalidProperty spec)')
  })

  it('is told by its type where the server says nothing', () => {
    expect(describeFault(fault('NotFound', ''))).toBe('NotFound')
  })

  it('names the privilege that is missing', () => {
    expect(hintOf(fault('NoPermission', '', { privilegeId: 'VApp.Import' }))).toContain(
      'privilege VApp.Import',
    )
    expect(hintOf(fault('NoPermission', ''))).toContain('missing privilege')
  })

  it('explains a free licence, and nothing that it does not know', () => {
    expect(hintOf(fault('RestrictedVersion', ''))).toContain('a free one')
    expect(hintOf(fault('ToastBurnt', ''))).toBeUndefined()
  })
})
