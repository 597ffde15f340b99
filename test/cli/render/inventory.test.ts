import { describe, expect, test } from 'vitest'

import { renderGraph } from '../../../src/cli/render/graph.ts'
import { renderOutline } from '../../../src/cli/render/outline.ts'
import { renderVariables } from '../../../src/cli/render/variables.ts'
import { FileRef } from '../../../src/model/file-ref.ts'
import { secret } from '../../../src/model/secret.ts'
import type { Target } from '../../../src/model/target.ts'
import { listTargets } from '../../../src/plan/list-targets.ts'
import { estateOf } from '../../support/small-world.ts'

const estate = estateOf({
  fra: { 'fra-1': ['fra-1-a', 'fra-1-b'], 'fra-2': ['fra-2-a'] },
  ams: { 'ams-1': ['ams-1-a'] },
})

describe('an inventory, printed', () => {
  test('is a tree', () => {
    expect(renderGraph(listTargets(estate), { unicode: true }).join('\n')).toMatchInlineSnapshot(`
      "estate (estate)
      ├─ fra (site)
      │  ├─ fra-1 (cluster)
      │  │  ├─ fra-1-a
      │  │  └─ fra-1-b
      │  └─ fra-2 (cluster)
      │     └─ fra-2-a
      └─ ams (site)
         └─ ams-1 (cluster)
            └─ ams-1-a"
    `)
  })

  test('is a tree of ASCII where there is nothing else', () => {
    expect(renderGraph(listTargets(estate), { unicode: false }).join('\n')).toMatch(/^\p{ASCII}+$/u)
  })
})

test('the variables of a target come with those above it, and without any secret', () => {
  const password = secret.env('VC_PASSWORD')
  password.open('hunter2')
  const target = {
    name: 'fra-1-a',
    level: 'node',
    scope: {
      node: { name: 'fra-1-a', management: '10.0.0.1/24', image: new FileRef('a.zip'), absent: undefined },
      cluster: { name: 'fra-1', nodes: [], ports: ['ca', 'cds'], rules: [{ name: 'x', order: 1 }] },
      site: { name: 'fra', clusters: [], vcenter: { host: 'vc', password } },
      estate: { name: 'estate', sites: [] },
    },
    cluster: 'fra-1',
    site: 'fra',
  } as unknown as Target
  const text = renderVariables(target).join('\n')
  expect(text).not.toContain('hunter2')
  expect(text).toMatchInlineSnapshot(`
    "node fra-1-a:
        management = "10.0.0.1/24"
        image = a.zip
    cluster fra-1:
        ports = ["ca", "cds"]
        rules.0.name = "x"
        rules.0.order = 1
    site fra:
        vcenter.host = "vc"
        vcenter.password = ••• (environment variable VC_PASSWORD)
    estate estate:
        no variables"
  `)
})

test('plain data is an outline', () => {
  const data = { a: 1, none: [], list: ['x', { b: true, c: { d: null } }], text: 'two words' }
  expect(renderOutline(data).join('\n')).toMatchInlineSnapshot(`
    "a: 1
    none: none
    list:
      - x
      - b: true
        c:
          d: null
    text: two words"
  `)
})
