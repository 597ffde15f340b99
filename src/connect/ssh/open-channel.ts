import type { Client, ClientChannel, SFTPWrapper } from 'ssh2'

import { ConnectError } from '../../model/error.ts'
import { untilAborted, withDeadline } from '../deadline.ts'
import { connectFailureOf } from './failure.ts'

/** How a channel ended: the exit that the server told, or that it told none. */
export interface ChannelEnd {
  readonly code?: number
  readonly signal?: string
}

/** An open channel and its end. */
export interface OpenedChannel {
  readonly channel: ClientChannel
  readonly ended: Promise<ChannelEnd>
}

/** A client and its end, which all that wait for an answer of its server listen to. */
export interface LiveClient {
  readonly client: Client
  /** Whether it can still be used. */
  readonly isOpen: () => boolean
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>
  /** Calls back when the connection is closed; gives what takes that back. */
  readonly onLost: (listener: () => void) => () => void
  /** Seconds of wall time that the server may take to answer a request for a channel. */
  readonly patience: number
  /** Seconds of wall time without output after which a command that has exited is over, whoever keeps its output open. */
  readonly leftovers: number
}

/** Watches a client from now on. */
export function watchClient(
  client: Client,
  { patience, leftovers }: Pick<LiveClient, 'patience' | 'leftovers'>,
): LiveClient {
  let open = true
  const listeners = new Set<() => void>()
  const closed = new Promise<void>((resolve) => {
    client.once('close', () => {
      open = false
      resolve()
      for (const listener of listeners) listener()
    })
  })
  return {
    client,
    isOpen: () => open,
    closed,
    onLost(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    patience,
    leftovers,
  }
}

type Opened<C> = (cause: Error | undefined, channel: C) => void

/**
 * Asks for a channel. Rejects where the server refuses it or does not answer in time, and where the signal is aborted; one
 * that comes after that is dropped. `take` gets it in the very moment that it is there.
 */
async function ask<C, T>(
  { client, isOpen, onLost, patience }: LiveClient,
  {
    signal,
    request,
    take,
    drop,
  }: {
    readonly signal: AbortSignal
    readonly request: (client: Client, opened: Opened<C>) => void
    readonly take: (channel: C) => T
    readonly drop: (channel: C) => void
  },
): Promise<T> {
  const work = async (bounded: AbortSignal): Promise<T> => {
    let forget = (): void => undefined
    const answer = new Promise<T>((resolve, reject) => {
      const lose = (cause?: unknown): void =>
        reject(new ConnectError('closed', 'the SSH connection was lost', { cause }))
      forget = onLost(lose)
      if (!isOpen()) return lose()
      try {
        request(client, (cause, channel) => {
          if (cause !== undefined)
            reject(new ConnectError(connectFailureOf(cause), `no SSH channel: ${cause.message}`, { cause }))
          else if (bounded.aborted) drop(channel)
          else resolve(take(channel))
        })
      } catch (cause) {
        lose(cause)
      }
    })
    try {
      return await untilAborted(answer, bounded)
    } finally {
      forget()
    }
  }
  const late = (): Error =>
    new ConnectError(
      'timeout',
      `the server did not answer a request for a channel within ${patience} seconds`,
    )
  return withDeadline(work, { signal, seconds: patience, late })
}

/** Opens a channel for a command, with a terminal or without. */
export function openChannel(
  live: LiveClient,
  command: string,
  { terminal, signal }: { readonly terminal: boolean; readonly signal: AbortSignal },
): Promise<OpenedChannel> {
  return ask<ClientChannel, OpenedChannel>(live, {
    signal,
    request(client, opened) {
      if (terminal) client.exec(command, { pty: { term: 'dumb', cols: 512, rows: 50 } }, opened)
      else client.exec(command, opened)
    },
    // At once: a quick command's exit arrives in the same packet, before any promise goes on.
    take: (channel) => ({ channel, ended: watchEnd(channel, live) }),
    drop: (channel) => void channel.destroy(),
  })
}

/** Opens a channel for SFTP. Rejects where the server has none, or no room for one. */
export function openSftp(
  live: LiveClient,
  { signal }: { readonly signal: AbortSignal },
): Promise<SFTPWrapper> {
  return ask<SFTPWrapper, SFTPWrapper>(live, {
    signal,
    request: (client, opened) => client.sftp(opened),
    take: (sftp) => sftp,
    drop: (sftp) => sftp.end(),
  })
}

/** Whether the server refused a channel for want of room, so that nothing has run. */
export function isRefusedChannel(error: unknown): error is ConnectError {
  if (!(error instanceof ConnectError)) return false
  return typeof (error.cause as { readonly reason?: unknown } | undefined)?.reason === 'number'
}

function watchEnd(channel: ClientChannel, { leftovers }: LiveClient): Promise<ChannelEnd> {
  return new Promise((resolve) => {
    let end: ChannelEnd = {}
    let isOver = false
    let timer: NodeJS.Timeout | undefined
    const finish = (): void => {
      isOver = true
      clearTimeout(timer)
      resolve(end)
    }
    const leave = (): void => {
      channel.close()
      finish()
    }
    const wait = (): void => {
      clearTimeout(timer)
      if (!isOver) timer = setTimeout(leave, leftovers * 1000)
    }
    channel.on('exit', (code: number | null, signal?: string) => {
      if (code !== null) end = { code }
      else if (typeof signal === 'string')
        end = { signal: signal.startsWith('SIG') ? signal : `SIG${signal}` }
      // The channel stays open for as long as anything that the command has left running holds its output.
      wait()
      // Not at once: the exit may have come before anybody listens, and whoever listens first makes the output flow.
      setImmediate(() => {
        for (const stream of [channel, channel.stderr]) stream.on('data', wait)
      })
    })
    channel.on('error', () => undefined)
    channel.once('close', finish)
  })
}
