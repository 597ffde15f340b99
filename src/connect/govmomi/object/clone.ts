import type { PropertyReader } from '../property.ts'
import type { Input, MoRef } from '../schema/values.ts'
import type { Session } from '../session.ts'
import { waitForTask } from '../task.ts'
import type { Watcher } from '../watch.ts'
import { devicesOf } from './device.ts'
import { backingOf } from './plug-nics.ts'

/** A network, and the name it has. */
export interface NamedNetwork {
  readonly name: string
  readonly ref: MoRef
}

/** A copy of a virtual machine or template: where to, and what is different about it from its first moment. */
export interface Clone {
  readonly source: MoRef
  readonly name: string
  readonly folder: MoRef
  readonly resourcePool: MoRef
  readonly datastore: MoRef
  readonly host: MoRef | undefined
  /** In the order of the adapters. */
  readonly networks: readonly NamedNetwork[]
  readonly annotation: string
  /** Advanced settings, by key. */
  readonly settings: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly onProgress?: ((percent: number) => void) | undefined
}

// The address of a copied card is the server's to choose: what stood in the original must not be asked for again.
async function planNics(
  properties: PropertyReader,
  { source, networks }: Clone,
): Promise<readonly Input<'VirtualDeviceConfigSpec'>[]> {
  const { 'config.hardware': hardware } = await properties.get('VirtualMachine', source, ['config.hardware'])
  const cards = devicesOf(hardware?.device ?? [], 'VirtualEthernetCard')
  const wanted = cards.flatMap((card, index) => {
    const network = networks[index]
    return network === undefined ? [] : [{ card, network }]
  })
  return Promise.all(
    wanted.map(async ({ card, network }) => ({
      operation: 'edit' as const,
      device: {
        ...card,
        macAddress: undefined,
        backing: await backingOf(properties, network.ref, network.name),
      },
    })),
  )
}

/** Copies a virtual machine or template, all its disks included, in one task; gives the new machine, which is off. */
export async function cloneMachine(
  { session, watcher, properties }: { session: Session; watcher: Watcher; properties: PropertyReader },
  clone: Clone,
): Promise<MoRef> {
  const { source, name, folder, resourcePool, datastore, host, annotation, settings, signal } = clone
  const task = await session.call('CloneVM_Task', {
    self: source,
    args: {
      folder,
      name,
      spec: {
        location: {
          datastore,
          pool: resourcePool,
          host,
          diskMoveType: 'moveAllDiskBackingsAndDisallowSharing',
        },
        template: false,
        config: {
          annotation,
          deviceChange: await planNics(properties, clone),
          extraConfig: Object.entries(settings).map(([key, value]) => ({ key, value })),
        },
        powerOn: false,
      },
    },
    signal,
  })
  const made = await waitForTask({ session, watcher }, task, {
    signal,
    what: `cloning ${name}`,
    onProgress: clone.onProgress,
  })
  return made as unknown as MoRef
}
