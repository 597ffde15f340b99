import type { ExitCode } from './exit-code.ts'
import type { Invocation } from './invocation.ts'
import { parseInvocation } from './options.ts'

/**
 * Runs one command line and gives its exit code. Every command loads what it needs when it is asked for, so that a light
 * one starts at once.
 */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  try {
    return await runInvocation(parseInvocation(argv))
  } catch (error) {
    const { explainError } = await import('./explain-error.ts')
    return explainError(error)
  }
}

async function runInvocation(invocation: Invocation): Promise<ExitCode> {
  switch (invocation.command) {
    case 'version': {
      const { VERSION } = await import('./version.ts')
      console.log(VERSION)
      return 0
    }
    case 'help': {
      const { renderUsage } = await import('./usage.ts')
      console.log(renderUsage(invocation.topic))
      return 0
    }
    case 'run':
      return (await import('./commands/run.ts')).runRunbook(invocation)
    case 'list':
      return (await import('./commands/list.ts')).listRunbooks(invocation)
    case 'inventory':
      return (await import('./commands/inventory.ts')).showInventory(invocation)
    case 'new':
      return (await import('./commands/new.ts')).writeNew(invocation)
    case 'docs':
      return (await import('./commands/docs.ts')).writeDocs(invocation)
    case 'console':
      return (await import('./commands/console.ts')).showConsole(invocation)
    case 'lab':
      return (await import('./commands/lab.ts')).showLab(invocation)
  }
}
