import { z } from 'zod'

import { FileRef } from './file-ref.ts'
import { secret, Secret } from './secret.ts'

/** A secret as an inventory may write it: by `secret.…` in TypeScript, by one of these keys in YAML and JSON. */
export type WrittenSecret =
  | Secret
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: string }
  | { readonly prompt: string }
  | { readonly age: string }

const MAKERS: Readonly<Record<string, (text: string) => Secret>> = secret

const HOW_TO_REFER =
  "write where the value is kept, not the value: secret.env('NAME') in TypeScript, { env: NAME } in YAML; also file, command, prompt, age"

function parseSecret(written: unknown): Secret | string {
  if (written instanceof Secret) return written
  if (typeof written === 'string') return 'is a secret written out in the file'
  if (typeof written !== 'object' || written === null) return 'is not a reference to a secret'
  const entries = Object.entries(written)
  const [kind, text] = entries[0] ?? []
  const make = kind !== undefined && Object.hasOwn(MAKERS, kind) ? MAKERS[kind] : undefined
  if (entries.length !== 1 || make === undefined) return 'is not a reference to a secret'
  return typeof text === 'string' && text !== '' ? make(text) : `refers to a secret by an empty “${kind}”`
}

/** The field of a secret. A value written out is an error, and is never repeated in a message. */
export function secretField(): z.ZodType<Secret, WrittenSecret> {
  return z
    .custom<WrittenSecret>((written) => written !== undefined)
    .transform((written, context): Secret => {
      const parsed = parseSecret(written)
      if (parsed instanceof Secret) return parsed
      context.addIssue({ code: 'custom', message: parsed, params: { secret: true, hint: HOW_TO_REFER } })
      return z.NEVER
    })
}

/** The field of a file, relative to the inventory that names it. */
export function fileField(): z.ZodType<FileRef, string> {
  return z
    .string()
    .min(1)
    .refine((written) => !/\p{Cc}/u.test(written), 'contains a control character')
    .transform((written) => new FileRef(written))
}
