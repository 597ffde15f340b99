import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { createPropertyReader } from '../../../src/connect/govmomi/property.ts'
import { answer, fault, startScriptedServer, type ScriptedServer } from './scripted-server.ts'

const { signal } = new AbortController()
const vm = (id: string) => ({ type: 'VirtualMachine', value: id })
const page = (id: string, token?: string) => ({
  objects: [{ obj: vm(id), propSet: [{ name: 'name', val: id }] }],
  ...(token === undefined ? {} : { token }),
})

describe('a property reader', () => {
  let server: ScriptedServer
  beforeAll(async () => {
    server = await startScriptedServer()
  })
  afterEach(() => server.forget())
  afterAll(() => server.close())

  async function readBoth(): Promise<readonly string[]> {
    const session = await server.open()
    const collector = session.content.propertyCollector
    const reader = createPropertyReader(session, { collector, signal, pageSize: 1 })
    const found = await reader.getMany('VirtualMachine', [vm('a'), vm('b')], ['name'])
    return found.map(({ values }) => values.name)
  }

  /** What is asked of the property collector, once it is asked for a first page. */
  const asked = (): readonly string[] => server.seen.slice(2).filter((operation) => operation !== 'Login')

  it('begins again where a login in the middle has cost it the rest of the answer', async () => {
    let isOver = true
    server.script = ({ operation }) => {
      if (operation === 'RetrievePropertiesEx') return answer(operation, page('a', '1') as never)
      if (operation !== 'ContinueRetrievePropertiesEx') return undefined
      if (!isOver) return answer(operation, page('b') as never)
      if (server.seen.filter((seen) => seen === 'Login').length === 1) return fault('NotAuthenticated')
      isOver = false
      return fault('InvalidArgument', { invalidProperty: 'token' })
    }
    expect(await readBoth()).toEqual(['a', 'b'])
    expect(asked().filter((operation) => operation === 'RetrievePropertiesEx')).toHaveLength(2)
  })

  it('tells the server to forget an answer that it cannot read to its end', async () => {
    server.script = ({ operation }) => {
      if (operation === 'RetrievePropertiesEx') return answer(operation, page('a', '1') as never)
      return operation === 'ContinueRetrievePropertiesEx' ? fault('SystemError', { reason: 'x' }) : undefined
    }
    await expect(readBoth()).rejects.toMatchObject({ fault: { type: 'SystemError' } })
    expect(asked()).toEqual([
      'RetrievePropertiesEx',
      'ContinueRetrievePropertiesEx',
      'CancelRetrievePropertiesEx',
    ])
  })

  it('says what the user may not see', async () => {
    const missingSet = [
      { path: 'name', fault: { fault: { $type: 'NoPermission' }, localizedMessage: 'Permission denied' } },
    ]
    server.script = ({ operation }) =>
      operation === 'RetrievePropertiesEx'
        ? answer(operation, { objects: [{ obj: vm('a'), propSet: [], missingSet }] } as never)
        : undefined
    await expect(readBoth()).rejects.toThrow('a does not show its name: Permission denied')
  })
})
