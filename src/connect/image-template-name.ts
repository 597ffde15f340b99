/** Which image a template keeps, how, and on which datastore. */
export interface TemplateIdentity {
  readonly datastoreName: string
  /** Of the image, in lower-case hex. */
  readonly sha256: string
  readonly thin: boolean
}

const MAX_NAME = 80

// What a server would escape in a name is left out of this one.
const tailOf = ({ datastoreName, thin }: Omit<TemplateIdentity, 'sha256'>): string =>
  `${thin ? '' : '-thick'}-${datastoreName.replaceAll(/[%/\\]/g, '-')}`

/** The name of the template that keeps an image: the same for everybody who wants that image on that datastore. */
export function nameTemplate({ sha256, ...where }: TemplateIdentity): string {
  return `runbook-image-${sha256.slice(0, 16)}${tailOf(where)}`.slice(0, MAX_NAME)
}

/** Whether a name is that of a template which keeps some image on a datastore. */
export function isTemplateName(name: string, where: Omit<TemplateIdentity, 'sha256'>): boolean {
  const sha256 = /^runbook-image-([0-9a-f]{16})/.exec(name)?.[1]
  return sha256 !== undefined && name === nameTemplate({ ...where, sha256 })
}
