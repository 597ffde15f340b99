import type { ServerName } from './server.ts'

/** A behaviour that a server does not show, and how that is seen. */
export interface Difference {
  readonly server: ServerName
  /** Title of the behaviour. */
  readonly behaviour: string
  readonly reason: string
  /** What the test of the behaviour fails with on this server. */
  readonly shows: RegExp
}

const on =
  (...servers: readonly ServerName[]) =>
  (behaviour: string, reason: string, shows: RegExp): readonly Difference[] =>
    servers.map((server) => ({ server, behaviour, reason, shows }))

/** What the simulator does otherwise than the real servers, and we leave to it. */
const everywhere = on('vcsim', 'vcsim -esx', 'vcsim -plain')

/** What the simulator cannot do by itself: on the others, it is `test/support/vcsim` that plays it, after what we have read. */
const plain = on('vcsim -plain')

/**
 * Every difference between a server and the contract. The contract is what vCenter and ESXi do as far as it is known, so the
 * lab has no place in here; the suite fails where a difference is no longer there, too. `vcsim -plain` is the simulator without
 * our additions: whatever is named for it alone proves no more than that our client and the lab agree with our own reading.
 */
export const differences: readonly Difference[] = [
  everywhere(
    'refuses a property that the type does not have',
    'the simulator answers, with the fault beside the property instead of in place of the answer',
    /instead of rejecting/,
  ),
  everywhere(
    'refuses a second machine of the same name',
    'the simulator looks at the files first, and speaks of those',
    /FileAlreadyExists|FileAlr/,
  ),
  everywhere(
    'lists on a network the machines that are plugged into it',
    'the simulator keeps this list only of machines that it has made itself',
    /to deep equally contain/,
  ),
  everywhere(
    'changes no processors while the machine is on',
    'the simulator looks at no power state before it changes hardware',
    /expected 8 to be 4/,
  ),
  everywhere(
    'adds no PCI card while the machine is on',
    'the simulator looks at no power state before it adds devices',
    /to deeply equal \[\]/,
  ),
  everywhere(
    'renames a machine, but not to a name that is taken',
    'the simulator calls the name an invalid argument',
    /InvalidArg/,
  ),
  on('vcsim', 'vcsim -plain')(
    'gives the cards of a clone addresses of their own',
    'the simulator copies the addresses of the original',
    /expected 3 to be 6/,
  ),
  on('vcsim -esx')(
    'clones nothing on a host that stands alone',
    'the simulator has one kind of machine for both kinds of server',
    /instead of rejecting/,
  ),

  plain(
    'reads a property inside another, and lists as arrays',
    'each host of the simulator has 4 GB of memory',
    /expected 4294430720n to be 274877906944n/,
  ),
  plain(
    'shows its hosts with their memory and the uplinks of their switches',
    'each host of the simulator has 4 GB of memory and one uplink',
    /to match object \{ ready: true, memoryGB: 256 \}/,
  ),
  plain(
    'shows the distributed switch of a host with its own uplinks',
    'the hosts of the simulator know nothing of their distributed switches',
    /expected \[\] to have a length of 2/,
  ),
  plain(
    'leaves nothing of an import that is given up',
    'the simulator keeps the machine when its lease is aborted',
    /to be undefined/,
  ),
  plain(
    'adds a standard port group with its policy and VLAN, as a network of that name',
    'the simulator tells its network system of a port group, but not the host',
    /expected undefined to match object/,
  ),
  plain(
    'lets a port group inherit from its switch what it does not say itself',
    'the simulator works out no policy for a new port group',
    /expected undefined to match object/,
  ),
  plain(
    'replaces the whole specification of a standard port group',
    'the simulator has no UpdatePortGroup',
    /expected undefined to match object/,
  ),
  plain(
    'refuses a standard port group that is there, and one on a switch that is not',
    'the simulator looks for the name in the datacenter, not on the host',
    /AlreadyExists/,
  ),
  plain(
    'has port groups of one name on several hosts as one network',
    'the simulator makes a network of each, and refuses the second',
    /DuplicateName/,
  ),
  plain(
    'adds a distributed port group that holds its policy in both places',
    'the distributed switch of the simulator is of a release that had one place',
    /to match object/,
  ),
  plain(
    'accepts nothing on a new distributed port group of which nothing is said',
    'the simulator gives a new port group no policy of its own',
    /to match object/,
  ),
  plain(
    'keeps of a distributed port group what a change does not mention',
    'the simulator replaces a port group by what the change says',
    /to match object/,
  ),
  plain(
    'refuses a change of a distributed port group that somebody else has changed',
    'the simulator gives port groups no versions',
    /instead of rejecting/,
  ),
  plain(
    'has integers of 64 bits for numeric options, and takes a new value',
    'the hosts of the simulator have no option of the network',
    /expected undefined to be 0n/,
  ),
  plain(
    'refuses a value of another type, and one out of range',
    'the simulator takes any value for an option',
    /instead of rejecting/,
  ),
  plain(
    'does not know an option that is not there',
    'the simulator makes an option of any name that it is given',
    /instead of rejecting/,
  ),
  plain(
    'marks a card for passthrough, and offers it to machines from then on',
    'the simulator refers to a passthrough system that it does not have',
    /expected undefined to match object/,
  ),
  plain(
    'clones a machine: the same hardware, another identity',
    'the simulator heeds only some of a clone’s specification',
    /annotation: 'a copy'/,
  ),
  plain(
    'takes keys while the machine is on, and only then',
    'the simulator has no PutUsbScanCodes',
    /PutUsbScanCodes/,
  ),
  plain(
    'shows the screen of a machine that is on, to whoever has logged in',
    'the simulator has no screens',
    /expected 404 to be 200/,
  ),
  plain(
    'puts a screenshot on the datastore, from where it can be fetched',
    'the simulator has no CreateScreenshot_Task',
    /does not implement: CreateScreenshot_Task/,
  ),
].flat()
