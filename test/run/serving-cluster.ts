import { z } from 'zod'

import { ConnectError } from '../../src/model/error.ts'
import { emptyLedger, openLedger, type Ledger } from '../../src/run/ledger.ts'
import { defineModule, type Rolling, type Standing } from '../../src/sdk.ts'
import type { plain } from '../support/small-world.ts'

type State = Standing['state']

/** A cluster whose nodes go down while something is applied to them, and take a few looks to come back. */
export interface ServingCluster {
  readonly states: Map<string, State>
  /** What the next looks find, before what is so from then on. */
  readonly next: Map<string, State[]>
  /** Looks that a node takes to be healthy again. */
  recovery: number
  leader: string | undefined
  /** Nodes in the order in which they were taken down. */
  readonly taken: string[]
  /** The most that were not healthy at once, at a moment when one was taken down: that one included. */
  mostDown: number
  looks: number
  readonly ledger: Ledger
  /** Nodes that are lost, once, in the middle of what is applied to them. */
  readonly lost: Set<string>
  readonly setting: ReturnType<typeof settingOf>
  readonly rolling: Rolling<(typeof plain)['levels']>
}

/** Makes clusters in which all of these nodes are in the same state. */
export function createServingCluster(nodes: readonly string[], state: State = 'healthy'): ServingCluster {
  const cluster = {
    states: new Map(nodes.map((node): [string, State] => [node, state])),
    next: new Map<string, State[]>(),
    recovery: 2,
    leader: undefined as string | undefined,
    taken: [] as string[],
    mostDown: 0,
    looks: 0,
    ledger: openLedger({ value: emptyLedger(), save: () => Promise.resolve() }),
    lost: new Set<string>(),
  }
  const standings = standingsOf(cluster)
  return Object.assign(cluster, {
    setting: settingOf(cluster),
    rolling: {
      batch: 1,
      fresh: '100%' as const,
      health: {
        task: (scope: { readonly cluster: { readonly nodes: readonly { readonly name: string }[] } }) =>
          standings({ nodes: scope.cluster.nodes.map(({ name }) => name) }),
        hold: { samples: 3, of: 3, every: 5 },
        within: 60,
      },
    },
  })
}

type World = Omit<ServingCluster, 'setting' | 'rolling'>

function standingsOf(cluster: World) {
  return defineModule({
    name: 'test/standings',
    summary: 'All are healthy.',
    connection: 'none',
    params: z.strictObject({ nodes: z.array(z.string()) }),
    read({ params }): Promise<readonly Standing[]> {
      cluster.looks += 1
      return Promise.resolve(
        params.nodes.map((node): Standing => {
          const coming = cluster.next.get(node)?.shift()
          const state = coming ?? cluster.states.get(node) ?? 'idle'
          return {
            node,
            state,
            leads: node === cluster.leader,
            why: state === 'healthy' ? [] : ['LB is stopped'],
          }
        }),
      )
    },
    diff: (all) => all.filter(({ state }) => state !== 'healthy').map(({ node }) => ({ path: node })),
  })
}

function settingOf(cluster: World) {
  const values = new Map<string, string>()
  const isDown = (node: string): boolean =>
    cluster.states.get(node) !== 'healthy' || (cluster.next.get(node)?.length ?? 0) > 0
  return defineModule({
    name: 'test/setting',
    summary: 'A setting for which a node is taken down.',
    connection: 'none',
    params: z.strictObject({ node: z.string(), key: z.string().default('memory'), value: z.string() }),
    async read({ params: { node, key } }) {
      return { value: values.get(`${node} ${key}`), serves: cluster.states.get(node) !== 'idle' }
    },
    diff: ({ value }, wanted) =>
      value === wanted.value ? [] : [{ path: 'value', from: value, to: wanted.value }],
    async apply({ params: { node, key, value }, facts: { serves } }) {
      if (serves) cluster.taken.push(node)
      cluster.states.set(node, 'idle')
      const down = [...cluster.states.keys()].filter(isDown)
      if (serves) cluster.mostDown = Math.max(cluster.mostDown, down.length)
      await Promise.resolve()
      if (cluster.lost.delete(node)) throw new ConnectError('reset', `${node} was lost`)
      values.set(`${node} ${key}`, value)
      cluster.next.set(node, Array<State>(cluster.recovery).fill('unhealthy'))
      cluster.states.set(node, 'healthy')
    },
    disruptive: (_changes, _params, { serves }) => (serves ? 'it restarts' : undefined),
  })
}
