import type { Ref } from './model/managed-object.ts'

/** The single objects of a server. */
export interface Singletons {
  readonly propertyCollector: Ref<'PropertyCollector'>
  readonly viewManager: Ref<'ViewManager'>
  readonly sessionManager: Ref<'SessionManager'>
  readonly ovfManager: Ref<'OvfManager'>
  readonly searchIndex: Ref<'SearchIndex'>
  readonly fileManager: Ref<'FileManager'>
  readonly authorizationManager: Ref<'AuthorizationManager'>
  readonly licenseManager: Ref<'LicenseManager'>
}

/** What the single objects are called: a host has names of its own for them. */
export function singletonsOf(kind: 'vcenter' | 'esxi'): Singletons {
  const name = (onHost: string, onVCenter: string): string => (kind === 'esxi' ? onHost : onVCenter)
  return {
    propertyCollector: {
      type: 'PropertyCollector',
      value: name('ha-property-collector', 'propertyCollector'),
    },
    viewManager: { type: 'ViewManager', value: 'ViewManager' },
    sessionManager: { type: 'SessionManager', value: name('ha-sessionmgr', 'SessionManager') },
    ovfManager: { type: 'OvfManager', value: name('ha-ovf-manager', 'OvfManager') },
    searchIndex: { type: 'SearchIndex', value: name('ha-searchindex', 'SearchIndex') },
    fileManager: { type: 'FileManager', value: name('ha-nfc-file-manager', 'FileManager') },
    authorizationManager: { type: 'AuthorizationManager', value: name('ha-authmgr', 'AuthorizationManager') },
    licenseManager: { type: 'LicenseManager', value: name('ha-license-manager', 'LicenseManager') },
  }
}
