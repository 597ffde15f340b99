/** Asks for a secret on the terminal, without an echo; nothing where there is nobody to ask. */
export async function askSecret(
  question: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  const { default: password } = await import('@inquirer/password')
  return password({ message: question, mask: '•' }, { signal, output: process.stderr })
}
