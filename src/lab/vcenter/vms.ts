import type { Document, DocumentStore } from '../../state/document-store.ts'
import type { CreateGuest, Guest } from '../guest.ts'
import { forgetMachine } from './cluster.ts'
import { createBaseDevices } from './devices.ts'
import { chooseNumber, chooseUuid } from './identity.ts'
import { createMachine } from './machine.ts'
import type { Ref } from './model/managed-object.ts'
import { faults } from './model/method-fault.ts'
import type { VmState } from './model/state.ts'
import type { Vm, VmPlacement, Vms } from './model/vm.ts'
import type { World } from './model/world.ts'
import { createVirtualMachine } from './objects/virtual-machine.ts'
import { releaseChecks } from './reverse-path.ts'

/** Makes the list of machines; it is empty until `resume`. */
export function createVms(
  world: World,
  { store, createGuest }: { readonly store: DocumentStore; readonly createGuest: CreateGuest },
): Vms {
  const vms = new Map<string, Vm>()
  const making = new Set<VmState>()
  const documentOf = (moid: string): string => `vcenter/${world.seed.host}/vm/${moid}`

  function add(document: Document<VmState>): Vm {
    const vm = openVm(world, document, createGuest)
    vms.set(vm.ref.value, vm)
    world.objects.set(vm.ref.value, createVirtualMachine(world, vm))
    world.changes.restructure()
    return vm
  }

  return {
    all: () => [...vms.values()],
    find: (moid) => vms.get(moid),

    async create(placement) {
      const taken = [...[...vms.values()].map(({ state }) => state), ...making]
      const other = taken.find(({ folder, name }) => folder === placement.folder && name === placement.name)
      if (other !== undefined)
        throw faults.duplicateName(other.name, { type: 'VirtualMachine', value: other.moid })
      const state = createState(world, placement, taken)
      making.add(state)
      try {
        const document = await store.open<VmState>(documentOf(state.moid), () => state)
        document.value = state
        await document.save()
        world.inventory.state.vms.push(state.moid)
        world.inventory.save()
        return add(document)
      } finally {
        making.delete(state)
      }
    },

    async destroy(vm) {
      const { moid, started } = vm.state
      // A guest that never ran in this process may still have left something in an earlier one.
      if (started) await (vm.guest ?? (await createGuest(createMachine(vm.state, world.inventory)))).destroy()
      // A task and the end of a lease may both be at it.
      if (!vms.delete(moid)) return
      // What never ran was never known to anybody: made again, it is the same machine.
      if (started) {
        const { generations } = world.inventory.state
        const subject = subjectOf(vm.state)
        generations[subject] = (generations[subject] ?? 0) + 1
      }
      world.objects.delete(moid)
      forgetMachine(world, moid)
      const list = world.inventory.state.vms
      list.splice(list.indexOf(moid), 1)
      world.inventory.save()
      world.changes.touch(moid)
      world.changes.restructure()
      await world.saves.settled()
      await store.remove(documentOf(moid))
    },

    async resume() {
      const known = [...world.inventory.state.vms]
      const documents = await Promise.all(
        known.map((moid) => store.open<VmState | undefined>(documentOf(moid), () => undefined)),
      )
      for (const document of documents) if (document.value !== undefined) add(document as Document<VmState>)
      await Promise.all(
        [...vms.values()].filter(({ state }) => state.power === 'poweredOn').map((vm) => vm.powerOn()),
      )
    },
  }
}

function openVm(world: World, document: Document<VmState>, createGuest: CreateGuest): Vm {
  const state = document.value
  const ref: Ref<'VirtualMachine'> = { type: 'VirtualMachine', value: state.moid }
  let guest: Guest | undefined

  function update(changes: Partial<VmState>): void {
    Object.assign(state, changes)
    world.changes.touch(state.moid)
    // What was destroyed meanwhile must not come back to the disk.
    if (world.objects.has(state.moid)) world.saves.add(document.save())
  }

  return {
    ref,
    state,
    update,
    get guest() {
      return guest
    },
    async powerOn() {
      const resumed = state.power === 'poweredOn'
      guest ??= await createGuest(createMachine(state, world.inventory))
      if (!resumed) update({ power: 'poweredOn', started: true })
      await guest.powerOn({ resumed })
    },
    async powerOff() {
      await guest?.powerOff()
      update({ power: 'poweredOff' })
      releaseChecks(world)
    },
  }
}

// What a machine's ids follow from, beside how often there was one before.
const subjectOf = ({ folder, name }: VmPlacement): string => `${folder}/${name}`

function createState(world: World, placement: VmPlacement, others: readonly VmState[]): VmState {
  const { seed, clock, inventory } = world
  const generation = inventory.state.generations[subjectOf(placement)] ?? 0
  const subject = `${seed.host}/${subjectOf(placement)}/${generation}`
  const isTaken = (key: 'moid' | 'uuid' | 'instanceUuid') => (value: string) =>
    others.some((state) => state[key] === value)
  const number = chooseNumber(subject, (candidate) => isTaken('moid')(idOf(seed.kind, candidate)))
  return {
    ...placement,
    moid: idOf(seed.kind, number),
    uuid: chooseUuid(`${subject}/bios`, isTaken('uuid')),
    instanceUuid: chooseUuid(subject, isTaken('instanceUuid')),
    annotation: '',
    guestId: 'otherGuest64',
    version: 'vmx-11',
    extraConfig: {},
    cpus: 1,
    coresPerSocket: 1,
    memoryMB: 1024,
    memoryReservationMB: 0,
    memoryReservationLocked: false,
    devices: createBaseDevices(),
    power: 'poweredOff',
    started: false,
    template: false,
    changeVersion: 1,
    createdAt: clock.now(),
  }
}

const idOf = (kind: 'vcenter' | 'esxi', number: number): string =>
  kind === 'esxi' ? String(number) : `vm-${number}`
