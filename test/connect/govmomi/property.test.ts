import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { readLicences } from '../../../src/connect/govmomi/object/entitlement.ts'
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

  it('reads all at once where only who has a role on the root folder may read on', async () => {
    server.script = ({ operation }) => {
      if (operation === 'RetrievePropertiesEx') return answer(operation, page('a', '1') as never)
      if (operation === 'ContinueRetrievePropertiesEx')
        return fault('NoPermission', { privilegeId: 'System.View' })
      if (operation !== 'RetrieveProperties') return undefined
      return answer(operation, ['a', 'b'].flatMap((id) => page(id).objects) as never)
    }
    expect(await readBoth()).toEqual(['a', 'b'])
    expect(asked().at(-1)).toBe('RetrieveProperties')
  })

  it('lists what the user may see, and neither what is hidden from them nor what is gone meanwhile', async () => {
    const without = (
      id: string,
      missing: { readonly $type: string; readonly obj?: object; readonly reason?: string },
      path = 'name',
    ) => ({
      obj: vm(id),
      propSet: path === 'name' ? [] : [{ name: 'name', val: id }],
      missingSet: [{ path, fault: { fault: missing, localizedMessage: '' } }],
    })
    const objects = [
      without('theirs', { $type: 'NoPermission' }),
      without('gone', { $type: 'ManagedObjectNotFound', obj: vm('gone') }),
      without('seen', { $type: 'NoPermission' }, 'config.hardware'),
    ]
    server.script = ({ operation }) =>
      operation === 'RetrievePropertiesEx' ? answer(operation, { objects } as never) : undefined
    const session = await server.open()
    const collector = session.content.propertyCollector
    const reader = createPropertyReader(session, { collector, signal })
    const way = { from: { type: 'Datastore', value: 'x' }, via: [{ type: 'Datastore', path: 'vm' }] } as const
    const found = await reader.list('VirtualMachine', way, ['name', 'config.hardware'])
    expect(found).toEqual([{ ref: vm('seen'), values: { name: 'seen', 'config.hardware': undefined } }])
    objects.push(without('broken', { $type: 'SystemError', reason: '' }))
    await expect(reader.list('VirtualMachine', way, ['name'])).rejects.toThrow(
      'broken does not show its name',
    )
  })

  it('says what the user may not see', async () => {
    const missingSet = [
      { path: 'name', fault: { fault: { $type: 'NoPermission' }, localizedMessage: 'Permission denied' } },
    ]
    server.script = ({ operation }) =>
      operation === 'RetrievePropertiesEx'
        ? answer(operation, { objects: [{ obj: vm('a'), propSet: [], missingSet }] } as never)
        : undefined
    await expect(readBoth()).rejects.toMatchObject({
      message: 'a does not show its name: Permission denied',
      fault: { type: 'NoPermission' },
    })
  })

  it('takes licences that the user may not see for none', async () => {
    const hidden = { fault: { $type: 'NoPermission', privilegeId: 'Global.Licenses' }, localizedMessage: '' }
    const missingSet = ['licenses', 'evaluation'].map((path) => ({ path, fault: hidden }))
    const obj = { type: 'LicenseManager', value: 'LicenseManager' }
    server.script = ({ operation }) =>
      operation === 'RetrievePropertiesEx'
        ? answer(operation, { objects: [{ obj, propSet: [], missingSet }] } as never)
        : undefined
    const session = await server.open()
    const collector = session.content.propertyCollector
    const properties = createPropertyReader(session, { collector, signal })
    expect(await readLicences({ session, properties, signal })).toEqual([])
    missingSet.splice(0)
    await expect(readLicences({ session, properties, signal })).rejects.toThrow(
      'does not show its evaluation',
    )
  })
})
