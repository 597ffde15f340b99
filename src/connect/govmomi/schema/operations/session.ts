import type { OperationTable } from '../shape.ts'

/** Sessions, searches, views and the property collector: nothing here changes the inventory. */
export const sessionOperations = {
  RetrieveServiceContent: {
    on: 'ServiceInstance',
    mutates: false,
    params: {},
    result: 'ServiceContent',
  },
  CurrentTime: { on: 'ServiceInstance', mutates: false, params: {}, result: 'dateTime' },
  Login: {
    on: 'SessionManager',
    mutates: false,
    params: { userName: 'string', password: 'string', locale: 'string?' },
    result: 'UserSession',
  },
  Logout: { on: 'SessionManager', mutates: false, params: {} },
  FindByInventoryPath: {
    on: 'SearchIndex',
    mutates: false,
    params: { inventoryPath: 'string' },
    result: 'ref?',
  },
  CreateContainerView: {
    on: 'ViewManager',
    mutates: false,
    params: { container: 'ref', type: 'string*', recursive: 'boolean' },
    result: 'ref',
  },
  DestroyView: { on: 'ManagedObjectView', mutates: false, params: {} },
  RetrieveProperties: {
    on: 'PropertyCollector',
    mutates: false,
    params: { specSet: 'PropertyFilterSpec+' },
    result: 'ObjectContent*',
  },
  RetrievePropertiesEx: {
    on: 'PropertyCollector',
    mutates: false,
    params: { specSet: 'PropertyFilterSpec+', options: 'RetrieveOptions' },
    result: 'RetrieveResult?',
  },
  ContinueRetrievePropertiesEx: {
    on: 'PropertyCollector',
    mutates: false,
    params: { token: 'string' },
    result: 'RetrieveResult',
  },
  CancelRetrievePropertiesEx: { on: 'PropertyCollector', mutates: false, params: { token: 'string' } },
  CreatePropertyCollector: { on: 'PropertyCollector', mutates: false, params: {}, result: 'ref' },
  DestroyPropertyCollector: { on: 'PropertyCollector', mutates: false, params: {} },
  CreateFilter: {
    on: 'PropertyCollector',
    mutates: false,
    params: { spec: 'PropertyFilterSpec', partialUpdates: 'boolean' },
    result: 'ref',
  },
  DestroyPropertyFilter: { on: 'PropertyFilter', mutates: false, params: {} },
  WaitForUpdatesEx: {
    on: 'PropertyCollector',
    mutates: false,
    params: { version: 'string?', options: 'WaitOptions?' },
    result: 'UpdateSet?',
  },
  CancelWaitForUpdates: { on: 'PropertyCollector', mutates: false, params: {} },
  CancelTask: { on: 'Task', mutates: true, params: {} },
} as const satisfies OperationTable
