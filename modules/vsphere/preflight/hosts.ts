import type { Change } from '#sdk'

import { canRun, selectStarting } from './capacity.ts'
import type { Facts, HostFacts } from './facts.ts'
import type { Params } from './params.ts'
import { isOlder } from './server.ts'

/** How many hosts a note names: a site may have dozens. */
const MOST_NAMES = 4

const isBound = ({ nodes, host }: Params, name: string): boolean =>
  host === name || nodes.some((node) => node.host === name)

/** Whether a site depends on this very host: a machine is bound to it, or there is no other. */
const isNeeded = (facts: Facts, params: Params, { name }: HostFacts): boolean =>
  isBound(params, name) || facts.hosts.length === 1

/**
 * Whether a host is in maintenance, as an interrupted run leaves it that has rebooted it for a card: this one takes it out again
 * when it comes to the card, unless a machine has to be made there before.
 */
function isMaybeHeld({ machines }: Facts, { nodes, rebootHosts }: Params, host: HostFacts): boolean {
  const { name, state } = host
  const bound = nodes.filter((node) => node.host === undefined || node.host === name)
  const isThere = (node: (typeof nodes)[number]): boolean =>
    machines.some((machine) => machine.here && machine.name === node.name)
  return (
    rebootHosts &&
    state === 'in maintenance' &&
    bound.some(({ nitrox }) => nitrox) &&
    bound.every((node) => isThere(node))
  )
}

function diffState(facts: Facts, params: Params): readonly Change[] {
  const { hosts } = facts
  const needed = hosts.filter(
    (host) =>
      !canRun(host) &&
      (isNeeded(facts, params, host) || !hosts.some(canRun)) &&
      !isMaybeHeld(facts, params, host),
  )
  const unknown = params.nodes.filter(
    ({ host }) => host !== undefined && hosts.length > 0 && !hosts.some(({ name }) => name === host),
  )
  return [
    ...needed.map(({ name, ready, state }) =>
      ready
        ? {
            path: `datastore ${params.datastore} on ${name}`,
            to: 'there',
            note: 'the host cannot reach it: mount it there, or name another',
          }
        : { path: `host ${name}`, from: state, to: 'connected', note: 'no machine can run there as it is' },
    ),
    ...unknown.map(({ name, host }) => ({
      path: `host of ${name}`,
      from: host,
      to: `one of ${hosts.map((known) => known.name).join(', ')}`,
      note: 'correct the node’s host in the inventory: the name is the one that vSphere shows',
    })),
    ...hosts
      .filter(({ version }) => version !== '' && isOlder(version, '5'))
      .map(({ name, version }) => ({ path: `release of ${name}`, from: version, to: '5.0 or newer' })),
  ]
}

function diffNetworks({ hosts, segments }: Facts, { portGroups }: Params): readonly Change[] {
  return portGroups.flatMap(({ name, kind, switch: on, made }) => {
    if (segments.includes(name)) {
      const note = 'NSX decides what its segments accept; name a port group of a virtual switch'
      return made ? [{ path: `network ${name}`, from: 'an NSX segment', to: 'a port group', note }] : []
    }
    return hosts.filter(canRun).flatMap((host): readonly Change[] => {
      const group = host.portGroups.find((known) => known.name === name)
      const hasSwitch = host.switches.some((known) => known.name === on)
      const path = `network ${name} on ${host.name}`
      if (kind === 'standard' && group !== undefined && group.switch !== on) {
        const note = 'correct the switch in the inventory, or name another port group'
        return [{ path, from: `on ${group.switch}`, to: `on ${on}`, note }]
      }
      if (kind === 'standard' && group === undefined && !made) {
        return [{ path, to: 'there', note: 'nothing here makes it: create it in vSphere' }]
      }
      if (hasSwitch) return []
      const note =
        kind === 'standard'
          ? 'the host has no such virtual switch: create it, or correct its name in the inventory'
          : 'the host is no member of that distributed switch: add it, or correct its name in the inventory'
      return [{ path, to: `a port group of ${on}`, note }]
    })
  })
}

/** Whether a host says what it has: one in maintenance does, one that is not connected does not. */
const isSeen = ({ ready, state }: HostFacts): boolean => ready || state === 'in maintenance'

function diffCards({ hosts }: Facts, { nodes }: Params): readonly Change[] {
  return hosts.filter(isSeen).flatMap(({ name, cards }): readonly Change[] => {
    const wanted = nodes.filter(({ nitrox, host }) => nitrox && host === name)
    if (wanted.length === 0) return []
    const path = `NITROX cards of ${name}`
    if (cards.free < wanted.length) {
      const taken = cards.total - cards.free
      const note = `one for each of ${wanted.map((node) => node.name).join(', ')}${taken > 0 ? `; other machines have ${taken}` : ''}: a card cannot be shared`
      return [{ path, from: cards.free, to: wanted.length, note }]
    }
    const note = 'switch VT-d or AMD-Vi on in its BIOS'
    return cards.capable ? [] : [{ path, from: 'cannot be passed through', to: 'can be', note }]
  })
}

/** How new machines can come to be without an upload from here; undefined where they cannot. */
function explainDetour(facts: Facts, { pulled, template, datastore }: Params): string | undefined {
  if (pulled && !isOlder(facts.version, '6.7')) {
    return 'vSphere has to fetch it from imageUrl by itself, for which the user needs VApp.PullFromUrls'
  }
  return template && facts.hasTemplate
    ? `machines can only be cloned from a template of the image that ${datastore} has already`
    : undefined
}

function diffReach(facts: Facts, params: Params): readonly Change[] {
  if (explainDetour(facts, params) !== undefined) return []
  return facts.hosts.flatMap(({ name, port, unreachable }) =>
    unreachable === null
      ? []
      : [
          {
            path: `${name}:${port}`,
            from: unreachable,
            to: 'reachable from here',
            note: 'the image is uploaded to the host itself: its name has to resolve, and a firewall to let it pass; or have vSphere fetch the image, with imageUrl in the inventory; --skip-tags preflight goes on as it is',
          },
        ],
  )
}

/** What the hosts lack: readiness, networks, cards, a way to them. */
export function diffHosts(facts: Facts, params: Params): readonly Change[] {
  return [
    ...diffState(facts, params),
    ...diffNetworks(facts, params),
    ...diffCards(facts, params),
    ...diffReach(facts, params),
  ]
}

/** Names for a sentence: a few of them, and how many more there are. */
function listSome(names: readonly string[]): string {
  const rest = names.length - MOST_NAMES
  return rest > 1 ? `${names.slice(0, MOST_NAMES).join(', ')} and ${rest} more` : names.join(', ')
}

/** What is worth knowing of the hosts and stops nothing. */
export function noteHosts(facts: Facts, params: Params): readonly string[] {
  const { hosts } = facts
  const usable = hosts.filter(canRun)
  const held = hosts.filter((host) => isMaybeHeld(facts, params, host))
  const idle = hosts.filter((host) => !canRun(host) && !isNeeded(facts, params, host) && !held.includes(host))
  const old = usable.filter(({ version }) => version !== '' && isOlder(version, '7'))
  const teams = params.portGroups
    .filter(({ made }) => made)
    .flatMap(({ switch: on }) =>
      usable
        .filter(
          ({ switches, pathCheck }) =>
            pathCheck === 0 && switches.some(({ name, uplinks }) => name === on && uplinks > 1),
        )
        .map(({ name }) => name),
    )
  const waiting = usable.filter(
    ({ name, cards }) =>
      !cards.active && params.nodes.some(({ nitrox, host }) => nitrox && host === name) && cards.total > 0,
  )
  const crowded = [...new Set(params.nodes.map(({ cluster }) => cluster))].filter(
    (cluster) => params.nodes.filter((node) => node.cluster === cluster).length > usable.length,
  )
  const notes = idle.map(
    ({ name, ready, state }) =>
      `${name} ${ready ? `cannot reach ${params.datastore}` : `is ${state}`}: nothing is placed there`,
  )
  for (const { name } of held) {
    notes.push(
      `${name} is in maintenance: the step of its card takes it out where a run has left it there, and leaves it to whoever else has put it there`,
    )
  }
  const detour = explainDetour(facts, params)
  const walled = hosts.filter(({ unreachable }) => unreachable !== null)
  if (detour !== undefined && walled.length > 0) {
    notes.push(
      `${listSome(walled.map(({ name, port }) => `${name}:${port}`))}: cannot be reached from here, so that no image can be uploaded there; ${detour}`,
    )
  }
  if (old.length > 0 && params.computeCluster !== undefined && selectStarting(facts, params).length > 0) {
    notes.push(
      `${listSome(old.map(({ name, version }) => `${name} (${version})`))}: before ESXi 7 a running appliance must not be moved by vMotion; exclude the machines from automatic moves`,
    )
  }
  if (teams.length > 0) {
    notes.push(
      `${listSome([...new Set(teams)])}: the switch of the appliances has several uplinks there, so Net.ReversePathFwdCheckPromisc is set to 1`,
    )
  }
  if (waiting.length > 0) {
    notes.push(
      `${waiting.map(({ name }) => name).join(', ')}: the cards are not passed through yet, which may need a reboot of the host${params.rebootHosts ? '' : ' by you'}`,
    )
  }
  if (params.computeCluster !== undefined && usable.length > 0 && crowded.length > 0) {
    notes.push(
      `${crowded.join(', ')}: more nodes than hosts (${usable.length}), so that one host which fails takes several of them`,
    )
  }
  return notes
}
