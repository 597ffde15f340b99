/** The namespaces of vSphere's messages. */
export const namespaces = {
  vim: 'urn:vim25',
  soap: 'http://schemas.xmlsoap.org/soap/envelope/',
  schema: 'http://www.w3.org/2001/XMLSchema',
  instance: 'http://www.w3.org/2001/XMLSchema-instance',
} as const

/** Declares what an encoded body uses: the default namespace, `xsi` and `xsd`. */
export const declarations = `xmlns="${namespaces.vim}" xmlns:xsi="${namespaces.instance}" xmlns:xsd="${namespaces.schema}"`
