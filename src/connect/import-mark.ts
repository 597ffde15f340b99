/** The advanced setting of a virtual machine in which we note how far its import has come: `importing` or `done`. */
export const IMPORT_MARK = 'runbook.import'

/** The advanced setting in which we note the SHA-256 of the image that a virtual machine was made of. */
export const IMAGE_MARK = 'runbook.image'
