import { ConnectError, sh, type CommandLine, type SshWriter } from '#sdk'

type UploadOptions = Parameters<SshWriter['upload']>[1]

/** What is put onto an appliance for a while. */
export interface Loan extends UploadOptions {
  /** Path of the local file. */
  readonly file: string
  readonly warn: (message: string) => void
}

// Also what was cancelled is taken back.
const TAKE_BACK_WITHIN = 10_000

// What has come so far of a file has its name and more.
const removing = (path: string): CommandLine => sh`rm -f ${path} ${path}.*`

/** Removes a file, and what an upload has left of it; says where it may still be. */
async function takeBack(ssh: SshWriter, { to, warn }: Pick<Loan, 'to' | 'warn'>): Promise<void> {
  try {
    const result = await ssh.run(removing(to), { signal: AbortSignal.timeout(TAKE_BACK_WITHIN) })
    if (result.kind === 'lost') throw new ConnectError(result.failure, result.reason)
  } catch (cause) {
    warn(`${to} may still be on the appliance, remove it there: ${(cause as Error).message}`)
  }
}

/**
 * Uploads a file for as long as it is used, and leaves nothing of it there: not where this is cancelled, nor what an upload
 * that broke off has left, whether this one or an earlier one. Where it cannot be removed, that is a warning.
 */
export async function lendFile<T>(ssh: SshWriter, loan: Loan, use: () => Promise<T>): Promise<T> {
  const { file, warn, ...upload } = loan
  await ssh.run(removing(loan.to), { signal: loan.signal })
  try {
    await ssh.upload(file, upload)
    return await use()
  } finally {
    await takeBack(ssh, { to: loan.to, warn })
  }
}
