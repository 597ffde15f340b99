/** Where the files of an import go. */
export interface Uploads {
  /** The origin that serves a host's datastores, and the SHA-1 thumbprint of its certificate. */
  to(host: string): { readonly origin: string; readonly thumbprint: string }
}
