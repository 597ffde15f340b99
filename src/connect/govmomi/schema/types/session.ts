import type { TypeTable } from '../shape.ts'

/** What a server says about itself, and who is logged in. */
export const sessionTypes = {
  AboutInfo: {
    fields: {
      name: 'string',
      fullName: 'string',
      vendor: 'string',
      version: 'string',
      build: 'string',
      osType: 'string',
      productLineId: 'string',
      apiType: 'string',
      apiVersion: 'string',
      instanceUuid: 'string?',
    },
  },
  ServiceContent: {
    fields: {
      rootFolder: 'ref',
      propertyCollector: 'ref',
      viewManager: 'ref?',
      about: 'AboutInfo',
      setting: 'ref?',
      userDirectory: 'ref?',
      sessionManager: 'ref?',
      authorizationManager: 'ref?',
      perfManager: 'ref?',
      eventManager: 'ref?',
      taskManager: 'ref?',
      extensionManager: 'ref?',
      customFieldsManager: 'ref?',
      diagnosticManager: 'ref?',
      licenseManager: 'ref?',
      searchIndex: 'ref?',
      fileManager: 'ref?',
      virtualDiskManager: 'ref?',
      ovfManager: 'ref?',
      dvSwitchManager: 'ref?',
    },
  },
  UserSession: {
    fields: {
      key: 'string',
      userName: 'string',
      fullName: 'string',
      loginTime: 'dateTime',
      lastActiveTime: 'dateTime',
      locale: 'string',
      messageLocale: 'string',
    },
  },
  LocalizableMessage: { fields: { key: 'string', arg: 'KeyAnyValue*', message: 'string?' } },
  KeyAnyValue: { fields: { key: 'string', value: 'anyType' } },
  KeyValue: { fields: { key: 'string', value: 'string' } },
  Description: { fields: { label: 'string', summary: 'string' } },
  ElementDescription: { extends: 'Description', fields: { key: 'string' } },
} as const satisfies TypeTable
