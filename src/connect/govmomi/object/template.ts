import type { PropertyReader } from '../property.ts'
import type { MoRef } from '../schema/values.ts'

/** A virtual machine or template of a certain name on a datastore. */
export interface StoredMachine {
  readonly ref: MoRef
  readonly isTemplate: boolean
  readonly power: 'poweredOn' | 'poweredOff' | 'suspended'
  /** Advanced settings that are text, by key. */
  readonly settings: Readonly<Record<string, string>>
}

/** Finds the machines of a name that lie on a datastore, whatever folder they are in. */
export async function findOnDatastore(
  properties: PropertyReader,
  datastore: MoRef,
  name: string,
): Promise<readonly StoredMachine[]> {
  const way = { from: datastore, via: [{ type: 'Datastore', path: 'vm' }] } as const
  const all = await properties.list('VirtualMachine', way, ['name'])
  const refs = all.filter(({ values }) => values.name === name).map(({ ref }) => ref)
  const paths = ['config.template', 'config.extraConfig', 'runtime.powerState'] as const
  const found = await properties.getMany('VirtualMachine', refs, paths)
  return found.map(({ ref, values }) => ({
    ref,
    isTemplate: values['config.template'] ?? false,
    power: values['runtime.powerState'],
    settings: Object.fromEntries(
      (values['config.extraConfig'] ?? []).flatMap(({ key, value }) =>
        typeof value === 'string' ? [[key, value]] : [],
      ),
    ),
  }))
}
