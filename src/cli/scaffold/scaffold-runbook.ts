import { withoutMargin } from './margin.ts'
import type { ScaffoldFile } from './scaffold-file.ts'

/** A runbook with one phase that only looks: it can be run at once, in the lab and elsewhere. */
export function scaffoldRunbook(name: string): readonly ScaffoldFile[] {
  const text = withoutMargin(`
    |import { vse } from '#inventory/schema/vse'
    |import { licences } from '#modules/zia/licences'
    |import { defineRunbook } from '#sdk'
    |
    |export default defineRunbook(vse, {
    |  name: '${name}',
    |  summary: 'Checks that there are licences for every node',
    |
    |  phases: ({ phase }) => [
    |    phase({
    |      name: 'Check the licences',
    |      per: 'cluster',
    |      tags: ['licences'],
    |      steps: ({ step }) => [
    |        step('There is a licence for every node', ({ cluster }) =>
    |          licences({ nodes: cluster.nodes.map(({ name }) => name) }),
    |        ),
    |      ],
    |    }),
    |  ],
    |})
  `)
  return [{ path: `runbooks/${name}.ts`, text }]
}
