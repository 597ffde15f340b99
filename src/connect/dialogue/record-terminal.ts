import { MASK, Secret } from '../../model/secret.ts'
import type { Evidence } from '../evidence.ts'
import { redact } from './redact.ts'
import type { Terminal } from './terminal.ts'

/**
 * A terminal whose conversation is kept: what was heard before each answer, the answer with secrets masked, and what was
 * heard last. `title` says whose it is.
 */
export function recordTerminal(
  terminal: Terminal,
  { evidence, title }: { readonly evidence: Evidence | undefined; readonly title: string },
): Terminal {
  if (evidence === undefined) return terminal
  const secrets = new Set<Secret>()
  let heard = `\n== ${title}\n`

  function keep(more: string): void {
    const text = redact(heard + more, secrets)
    heard = ''
    if (text !== '') evidence?.said(text)
  }

  return {
    async listen(options) {
      const answer = await terminal.listen(options)
      const start = heard.startsWith('\n== ') ? heard.slice(0, heard.indexOf('\n', 1) + 1) : ''
      heard = start + answer.text
      if (answer.ended !== undefined) keep('\n')
      return answer
    },
    async send(answer, options) {
      if (answer instanceof Secret) secrets.add(answer)
      keep(`${answer instanceof Secret ? MASK : answer}\n`)
      await terminal.send(answer, options)
    },
    async interrupt() {
      keep('')
      await terminal.interrupt()
    },
  }
}
