import { describe, expect, test } from 'vitest'

import { parseAuthentication } from '../../../modules/vzen/authentication.ts'
import { parseRole } from '../../../modules/vzen/carp.ts'
import { parseConnection } from '../../../modules/vzen/connection.ts'
import { judgeMembers, type Answers, type Judgement, type Seen } from '../../../modules/vzen/judge-members.ts'
import { parseView } from '../../../modules/vzen/members-healthy.ts'
import { parseStatus } from '../../../modules/vzen/services.ts'

const by: Judgement = {
  mode: 'cluster',
  address: '10.84.0.71',
  portGroup: 'VSE',
  proxies: { a: '10.84.0.111', b: '10.84.0.121' },
}

const UP = { '10.84.0.111': 'server 10.84.0.111 health=UP', '10.84.0.121': 'server 10.84.0.121 health=UP' }

/** An appliance with nothing wrong. */
function answer(node: string, but: Partial<Answers> = {}): Seen {
  return {
    node,
    kind: 'answers',
    services: { SME: 'running', CDSC: 'running', LB: 'running' },
    authentication: { state: 'SMAUTHENG_READY_STATE' },
    connection: { cloudConfig: 'Stable', logStream: 'Stable', loadBalancer: 'Stable', ports: [9422, 9442] },
    role: node === 'a' ? 'MASTER' : 'BACKUP',
    view: { node, members: UP },
    addressed: true,
    ...but,
  }
}

const stopped = { SME: 'stopped', CDSC: 'stopped', LB: 'stopped' } as const
const downA = { ...UP, '10.84.0.111': 'server 10.84.0.111 health=DOWN probe="no answer"' }
const cutOff = {
  cloudConfig: 'Not present',
  logStream: 'Not present',
  loadBalancer: 'unknown',
  ports: [],
} as const
const unknownAuth = { state: 'SMAUTHENG_INIT_STATE' }

/** How `a` stands, beside a `b` that is well. */
const judgeA = (a: Seen, b: Seen = answer('b')) => judgeMembers([a, b], by)[0]

describe('a member of a cluster', () => {
  test('is healthy where nothing is wrong, and leads where it is CARP master', () => {
    expect(judgeMembers([answer('a'), answer('b')], by)).toEqual([
      { node: 'a', state: 'healthy', leads: true, why: [] },
      { node: 'b', state: 'healthy', leads: false, why: [] },
    ])
  })

  test.each([
    ['Not present', true, 'healthy'],
    ['Not present', false, 'unhealthy'],
    ['Suspicious', true, 'unhealthy'],
  ] as const)(
    'whose log stream is %s, and to be moved onto port 443: %s, is %s',
    (logStream, movesLogs, state) => {
      const connection = { cloudConfig: 'Stable', logStream, loadBalancer: 'Stable', ports: [9422] } as const
      expect(judgeMembers([answer('a', { connection }), answer('b')], { ...by, movesLogs })[0]).toMatchObject(
        {
          state,
        },
      )
    },
  )

  test('is healthy on port 443 as well as on its own', () => {
    const connection = {
      cloudConfig: 'Stable',
      logStream: 'Stable',
      loadBalancer: 'Stable',
      ports: [443],
    } as const
    expect(judgeA(answer('a', { connection }))?.state).toBe('healthy')
  })

  test.each<[string, Partial<Answers>, string]>([
    [
      'whose load balancer is stopped',
      { services: { SME: 'running', CDSC: 'running', LB: 'stopped' } },
      'LB is stopped',
    ],
    [
      'that is not authenticated',
      { authentication: unknownAuth },
      'its authentication is SMAUTHENG_INIT_STATE',
    ],
    [
      'that has no connection',
      { connection: { ...cutOff, cloudConfig: 'Stable', logStream: 'Stable' } },
      'no connection to the cloud is established on 9422 or 443',
    ],
    [
      'whose log stream drops',
      {
        connection: { cloudConfig: 'Stable', logStream: 'Suspicious', loadBalancer: 'Stable', ports: [9422] },
      },
      'its log stream is Suspicious',
    ],
    [
      'that its load balancer finds down',
      { view: { node: 'a', members: downA } },
      'found unhealthy by the load balancer of a',
    ],
    ['that waits to be a member', { role: 'INIT' }, 'its load balancer is no member of the group yet'],
    [
      'of which nothing is understood',
      { services: { SME: 'unknown', CDSC: 'running', LB: 'running' } },
      'SME is unknown',
    ],
  ])('%s is unhealthy', (_, but, why) => {
    const standing = judgeA(answer('a', but), answer('b', { role: 'MASTER' }))
    expect(standing?.state).toBe('unhealthy')
    expect(standing?.why).toContain(why)
  })

  test('that cannot hear the other is unhealthy, and so is the other: the port group is named', () => {
    const standings = judgeMembers([answer('a'), answer('b', { role: 'MASTER' })], by)
    expect(standings.map(({ state }) => state)).toEqual(['unhealthy', 'unhealthy'])
    expect(standings[0]?.why[0]).toMatch(/split brain: a and b each claim 10\.84\.0\.71.* port group VSE /)
  })

  test('is unhealthy with all others where nobody is master', () => {
    const standings = judgeMembers([answer('a', { role: 'BACKUP' }), answer('b')], by)
    expect(standings.map(({ why }) => why)).toEqual([
      ['no node answers for 10.84.0.71'],
      ['no node answers for 10.84.0.71'],
    ])
  })

  test.each<[string, Seen, 'idle' | 'unhealthy']>([
    ['has no machine', { node: 'a', kind: 'none', why: 'it has no virtual machine' }, 'idle'],
    [
      'has neither proxy nor load balancer running',
      answer('a', { services: stopped, role: 'absent' }),
      'idle',
    ],
    [
      'has a load balancer that still distributes',
      answer('a', { services: { ...stopped, LB: 'running' } }),
      'unhealthy',
    ],
    [
      'was never let into the cloud, and is sent nothing by anybody',
      answer('a', {
        authentication: unknownAuth,
        connection: cutOff,
        role: 'BACKUP',
        view: { node: 'a', members: {} },
      }),
      'idle',
    ],
    [
      'has lost the cloud, and is master',
      answer('a', { authentication: unknownAuth, connection: cutOff, view: { node: 'a', members: {} } }),
      'unhealthy',
    ],
  ])('that %s counts as it should', (_, a, state) => {
    expect(judgeA(a, answer('b', { role: 'MASTER', view: { node: 'b', members: downA } }))?.state).toBe(state)
  })

  test('that has lost the cloud and is still sent traffic may serve, for all that is known', () => {
    const lost = answer('a', { authentication: unknownAuth, connection: cutOff, role: 'BACKUP' })
    expect(judgeA(lost)?.state).toBe('unhealthy')
    // Where an external load balancer distributes, nobody here knows to whom.
    expect(judgeMembers([lost, answer('b')], { ...by, address: undefined })[0]?.state).toBe('unhealthy')
  })

  test('that stands alone needs no load balancer', () => {
    const services = { SME: 'running', CDSC: 'running', LB: 'not installed' } as const
    const alone = answer('a', { services, role: 'absent', view: { node: 'a', members: undefined } })
    const [standing] = judgeMembers([alone], { mode: 'standalone', portGroup: 'VSE', proxies: by.proxies })
    expect(standing).toEqual({ node: 'a', state: 'healthy', leads: false, why: [] })
  })

  test('that does not answer serves nobody where another one leads and sends it nothing', () => {
    const silent: Seen = { node: 'a', kind: 'silent', why: 'no route' }
    const leading = answer('b', { role: 'MASTER', view: { node: 'b', members: downA } })
    expect(judgeA(silent, leading)).toMatchObject({ state: 'idle', why: ['no route'] })
    // It may be the master itself, or be sent traffic still.
    const following = answer('b', { view: { node: 'b', members: downA } })
    expect(judgeA(silent, following)?.state).toBe('unhealthy')
    expect(judgeA(silent, answer('b', { role: 'MASTER' }))?.state).toBe('unhealthy')
    const mute = answer('b', { role: 'MASTER', view: { node: 'b', members: undefined } })
    expect(judgeA(silent, mute)?.state).toBe('unhealthy')
  })
})

/** What an appliance of another build might say, in whose words nothing is known but that its processes run. */
const FOREIGN = {
  authentication: 'auth engine: not initialised',
  connection: 'config channel absent, log channel absent',
  interfaces: 'vrrp group 71 standby',
  clusters: 'member table\n10.84.0.111:80 weight 1 state OK\n10.84.0.121:80 weight 1 state OK\n',
} as const

/** An appliance as it is read from what it prints. */
function answerIn(node: string, words: { readonly [topic in keyof typeof FOREIGN]: string }): Seen {
  const printed = (output: string) => ({ code: 0, output })
  return {
    node,
    kind: 'answers',
    services: parseStatus('SME is running (pid 1)\nCDSC is running (pid 2)\nLB is running (pid 3)\n'),
    authentication: parseAuthentication(printed(words.authentication)),
    connection: parseConnection({ shown: printed(words.connection), sockets: printed('') }),
    role: parseRole(node, printed(words.interfaces), '10.84.0.71').role,
    view: parseView(node, printed(words.clusters)),
    addressed: undefined,
  }
}

describe('a member whose words are not known', () => {
  const silent: Seen = { node: 'b', kind: 'silent', why: 'SSH did not answer in time' }
  const mute = { node: 'a', members: undefined } as const
  const out = { authentication: unknownAuth, connection: cutOff, role: 'BACKUP', view: mute } as const

  test('may serve for all that is known, and so may every other one that speaks like it', () => {
    const three = { ...by, proxies: { ...by.proxies, c: '10.84.0.131' } }
    const standings = judgeMembers(
      ['a', 'b', 'c'].map((node) => answerIn(node, FOREIGN)),
      three,
    )
    expect(standings.map(({ state }) => state)).toEqual(['unhealthy', 'unhealthy', 'unhealthy'])
  })

  test.each([
    ['the authentication', { ...out, authentication: { state: 'unknown' } }],
    ['the channels', { ...out, connection: { ...cutOff, cloudConfig: 'unknown' } }],
  ] as const)('about %s may be in the cloud', (_, but) => {
    const b = answer('b', { role: 'MASTER', view: { node: 'b', members: downA } })
    expect(judgeA(answer('a', out), b)?.state).toBe('idle')
    expect(judgeA(answer('a', but), b)?.state).toBe('unhealthy')
  })

  test.each([
    ['a word that is not known', { '10.84.0.121': 'server 10.84.0.121 state OK' }],
    ['a name that sounds like one', { '10.84.0.121': 'server 10.84.0.121 name=inactive-1 state OK' }],
    ['no line', {}],
  ])('about the others does not count against one that is silent: %s', (_, members) => {
    const leading = answer('a', { role: 'MASTER', view: { node: 'a', members } })
    expect(judgeMembers([leading, silent], by)[1]?.state).toBe('unhealthy')
    const lost = answer('b', out)
    expect(judgeMembers([leading, lost], by)[1]?.state).toBe('unhealthy')
  })
})

describe('a member that was never told its address', () => {
  const never = { addressed: false, authentication: unknownAuth, connection: cutOff, role: 'absent' } as const
  const alone = { view: { node: 'a', members: undefined } } as const

  test.each([
    ['in a cluster', by],
    ['behind a load balancer of somebody else', { ...by, address: undefined }],
    ['alone', { ...by, mode: 'standalone', address: undefined }],
  ] as const)('serves nobody %s', (_, judgement) => {
    const fresh = [answer('a', { ...never, ...alone }), answer('b', { ...never, ...alone })]
    expect(judgeMembers(fresh, judgement).map(({ state }) => state)).toEqual(['idle', 'idle'])
  })

  test('serves nobody behind a firewall that drops what it sends, though its sockets are there', () => {
    const connection = { ...cutOff, cloudConfig: 'Suspicious', ports: [9442] } as const
    const fresh = ['a', 'b'].map((node) =>
      answer(node, { ...never, connection, view: { ...alone.view, node } }),
    )
    expect(judgeMembers(fresh, by).map(({ state }) => state)).toEqual(['idle', 'idle'])
  })

  test.each([
    ['whose output is not understood', { addressed: undefined }],
    ['that is authenticated', { authentication: { state: 'SMAUTHENG_READY_STATE' } }],
    ['that leads', { role: 'MASTER' }],
  ] as const)('%s may serve, for all that is known', (_, but) => {
    expect(judgeA(answer('a', { ...never, ...alone, ...but }))?.state).toBe('unhealthy')
  })
})
