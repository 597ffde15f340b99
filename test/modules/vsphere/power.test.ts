import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { selectAnswer, type Question } from '../../../modules/vsphere/answer-question.ts'
import { antiAffinity } from '../../../modules/vsphere/anti-affinity.ts'
import { ova, type OvaFacts } from '../../../modules/vsphere/ova.ts'
import { vmHardware } from '../../../modules/vsphere/vm-hardware.ts'
import { vmPci } from '../../../modules/vsphere/vm-pci.ts'
import { vmPower } from '../../../modules/vsphere/vm-power.ts'
import { toQuestion } from '../../../src/connect/govmomi/object/question.ts'
import type { VSphereWriter } from '../../../src/connect/vsphere.ts'
import { CommandError, ConnectError } from '../../../src/model/error.ts'
import type { Task } from '../../../src/model/module.ts'
import { openRun } from './ova-rig.ts'
import { openRig, PLACE, SEED, type Rig } from './rig.ts'

const VM = '/FRA/vm/edges/edge-1'
const TEXT = 'This virtual machine might have been moved or copied. If you do not know, answer "I Copied It".'

const question = (topic: string, labels: readonly string[]): Question => ({
  id: '7',
  topic,
  text: 'What now?',
  choices: labels.map((label, index) => ({ key: `k${index}`, label })),
})

describe('a question of a virtual machine', () => {
  it('is answered where one answer is safe, by what the choice says and not by its place', () => {
    expect(selectAnswer(question('msg.uuid.altered', ['I Copied It', 'I Moved It']))?.key).toBe('k0')
    expect(selectAnswer(question('msg.uuid.altered', ['Cancel', 'button.uuid.copiedTheVM']))?.key).toBe('k1')
    expect(selectAnswer(question('msg.cdromdisconnect.locked', ['No', 'Yes']))?.key).toBe('k1')
    expect(selectAnswer(question('msg.uuid.altered', ['Ja', 'Nein']))).toBeUndefined()
    expect(selectAnswer(question('msg.hbacommon.outofspace', ['Retry', 'Cancel']))).toBeUndefined()
  })

  it('is known by its topic, wherever the server writes it', () => {
    const choice = { $type: 'ChoiceOption', choiceInfo: [{ key: '0', label: 'Yes', summary: 'Yes' }] }
    const beside = { id: '1', text: 'Go on?', choice, message: [{ id: 'msg.a', argument: [] }] }
    expect(toQuestion(beside)).toMatchObject({
      topic: 'msg.a',
      text: 'Go on?',
      choices: [{ key: '0', label: 'Yes' }],
    })
    const before = { id: '1', text: 'msg.uuid.altered:Moved, or\ncopied?', choice, message: [] }
    expect(toQuestion(before)).toMatchObject({ topic: 'msg.uuid.altered', text: 'Moved, or\ncopied?' })
    expect(toQuestion(undefined)).toBeUndefined()
  })
})

describe('a virtual machine', () => {
  let rig: Rig
  const deploy = (networks = ['vse', 'vse', 'vse']) =>
    ova({ ...PLACE, vm: 'edge-1', image: rig.image, networks })
  beforeEach(async () => {
    rig = await openRig()
    await rig.run(deploy())
  })
  afterEach(() => rig.close())

  it.each([false, true])(
    'is switched on although it asks whether it was copied; bound to its host: %s',
    async (stays) => {
      rig.vcenter.faults.inject('question')
      const { left, warnings } = await rig.run(vmPower({ vm: VM, stays }))
      expect(left).toEqual([])
      expect(warnings).toEqual([`${VM} asked: ${TEXT} It was told “I Copied It”`])
    },
  )

  it('gets the answer that somebody else’s order waits for', async () => {
    rig.vcenter.faults.inject('question')
    const machine = await rig.reader.machine(VM)
    if (machine === undefined) throw new Error('no machine')
    await rig.writer.call('PowerOnVM_Task', { self: machine.ref, args: {} })
    await rig.clock.sleep(10_000)
    expect(await rig.check(vmPower({ vm: VM }))).toContainEqual({
      path: 'question',
      from: TEXT,
      to: 'I Copied It',
    })
    expect(await rig.run(vmPower({ vm: VM }))).toMatchObject({ left: [] })
  })

  it('is not left half on by a question that only a person can answer, and the question is told with its choices', async () => {
    rig.vcenter.faults.inject('question')
    const asked: string[] = []
    const answer = ({ topic }: Question): undefined => void asked.push(topic)
    await expect(rig.writer.powerOn(VM, { stays: false, answer })).rejects.toMatchObject({
      code: 'MODULE',
      message: `edge-1 asks: ${TEXT} (“Cancel”, “I Moved It”, “I Copied It”)`,
      hint: expect.stringContaining('vSphere client'),
    })
    expect(asked).toEqual(['msg.uuid.altered'])
    expect(await rig.run(vmPower({ vm: VM }))).toMatchObject({ left: [] })
  })

  it('counts as switched on where somebody else was faster', async () => {
    const on = { stays: true, answer: () => undefined }
    await rig.writer.powerOn(VM, on)
    await rig.writer.powerOn(VM, on)
    await rig.writer.powerOff(VM)
    await rig.writer.powerOff(VM)
    expect(await rig.reader.machine(VM)).toMatchObject({ power: 'poweredOff' })
  })

  const BEFORE = { cpus: 4, memoryMB: 32768 } as const
  const hardware = (more: object = {}) => vmHardware({ vm: VM, ...BEFORE, diskGB: 500, ...more })

  it.each([
    ['on its way down', 'PowerOffVM_Task'],
    ['while it is off', 'ReconfigVM_Task'],
  ])('is switched on again where the step is stopped %s', async (_, operation) => {
    await rig.run(vmPower({ vm: VM }))
    const stop = new AbortController()
    const { signal } = stop
    const reason = new Error('stopped')
    const trace = (text: string): void => {
      if (text.startsWith(operation)) stop.abort(reason)
    }
    const stopped = await openRun(rig, { seed: SEED, trace })
    const { session } = stopped
    await expect(rig.run(hardware({ cpus: 8 }), { signal, session })).rejects.toBe(reason)
    await stopped.close()
    expect(await rig.reader.machine(VM)).toMatchObject({ power: 'poweredOn' })
    expect([...rig.notes.values()]).toEqual([''])
  })

  it('is switched on by the next run where this one was killed, or could not', async () => {
    await rig.run(vmPower({ vm: VM }))
    const killed = await openRun(rig, { seed: SEED })
    const onNote = async (): Promise<void> => {
      await rig.writer.powerOff(VM)
      await killed.close()
    }
    await expect(rig.run(hardware({ cpus: 8 }), { session: killed.session, onNote })).rejects.toThrow()
    expect(await rig.reader.machine(VM)).toMatchObject({ power: 'poweredOff' })
    const again = await rig.run(hardware({ cpus: 8 }))
    expect(again.changes).toContainEqual({
      path: 'power',
      from: 'off',
      to: 'on',
      note: expect.stringContaining('has left it off'),
    })
    expect(again).toMatchObject({ left: [], facts: { power: 'poweredOn', cpus: 8 } })
  })

  it('is switched on again by a server that went away meanwhile, as soon as that is back', async () => {
    await rig.run(vmPower({ vm: VM }))
    const run = await openRun(rig, { seed: SEED })
    const warnings: string[] = []
    const onWarning = (message: string): void => {
      warnings.push(message)
      run.setAway(message.endsWith('is off, to be changed'))
    }
    const { session } = run
    await expect(rig.run(hardware({ cpus: 8 }), { session, onWarning })).rejects.toMatchObject({
      code: 'CONNECT',
    })
    expect(warnings).toEqual([
      `${VM} is off, to be changed`,
      expect.stringMatching(`^${VM} cannot be switched on yet: .*vc.lab.*; tried again for 10 minutes$`),
    ])
    expect(await rig.reader.machine(VM)).toMatchObject({ power: 'poweredOn' })
    expect([...rig.notes.values()]).toEqual([''])
    await run.close()
  })

  it('is switched on by the next run where the server stays away', async () => {
    await rig.run(vmPower({ vm: VM }))
    const run = await openRun(rig, { seed: SEED })
    const warnings: string[] = []
    const onWarning = (message: string): void => {
      warnings.push(message)
      run.setAway(true)
    }
    const away = { session: run.session, onWarning }
    await expect(rig.run(hardware({ cpus: 8 }), away)).rejects.toMatchObject({ code: 'CONNECT' })
    expect(warnings.at(-1)).toMatch(/edge-1 may be off, and was on/)
    expect(await rig.run(hardware({ cpus: 8 }))).toMatchObject({ left: [], facts: { power: 'poweredOn' } })
    run.setAway(false)
    await run.close()
  })

  it('is not called off that is on, though the server has lost the task of it by a restart', async () => {
    await rig.run(vmPower({ vm: VM }))
    const writer = (use: { readonly signal: AbortSignal }): VSphereWriter => {
      const own = rig.session.writer(use)
      const powerOn: VSphereWriter['powerOn'] = async (...order) => {
        await own.powerOn(...order)
        throw new CommandError('switching on edge-1 failed: ManagedObjectNotFound')
      }
      return { ...own, late: () => ({ ...own.late(), powerOn }) }
    }
    const session = { ...rig.session, writer }
    const { left, warnings } = await rig.run(hardware({ cpus: 8 }), { session })
    expect({ left, warnings }).toEqual({ left: [], warnings: [`${VM} is off, to be changed`] })
    expect([...rig.notes.values()]).toEqual([''])
  })

  it('is switched on again where the connection broke while its guest was shutting down', async () => {
    await rig.run(vmPower({ vm: VM }))
    let isBroken = false
    const writer = (use: { readonly signal: AbortSignal }): VSphereWriter => {
      const own = rig.session.writer(use)
      const powerOff = async (path: string): Promise<void> => {
        if (isBroken) return own.powerOff(path)
        isBroken = true
        throw new ConnectError('reset', 'the connection to vc.lab broke')
      }
      return { ...own, late: () => ({ ...own.late(), powerOff }) }
    }
    const session = { ...rig.session, writer }
    const { left, warnings } = await rig.run(hardware({ cpus: 8 }), { session })
    expect(left).toEqual([])
    expect(warnings).toEqual([
      expect.stringContaining(`${VM} cannot be switched off yet: the connection to vc.lab broke`),
      `${VM} is off, to be changed`,
    ])
    expect(await rig.reader.machine(VM)).toMatchObject({ power: 'poweredOn', cpus: 8 })
  })

  it('that somebody has switched on after a run had left it off is theirs to switch off again', async () => {
    const { instanceUuid } = (await rig.run(hardware())).facts as { readonly instanceUuid: string }
    const pci = vmPci({ vm: VM })
    const note = (module: string): void =>
      void rig.notes.set(`vsphere/${module} ${instanceUuid}`, 'switched off for a change')
    for (const module of ['vm-hardware', 'vm-pci']) note(module)
    const left = expect.objectContaining({ path: 'power', from: 'off', to: 'on' })
    expect(await rig.check(hardware())).toEqual([left])
    expect(await rig.check(pci)).toContainEqual(left)
    await rig.run(vmPower({ vm: VM }))
    // Whoever only looks takes nothing back.
    expect(await rig.check(hardware())).toEqual([])
    expect(rig.notes.size).toBe(2)
    expect(await rig.run(hardware())).toMatchObject({ changes: [] })
    await expect(rig.run(pci)).rejects.toThrow('NITROX card')
    await rig.writer.powerOff(VM)
    expect(await rig.check(hardware())).toEqual([])
    expect(await rig.check(pci)).not.toContainEqual(left)
  })

  it('gets back what it had where it does not start with what it was given', async () => {
    await rig.run(vmPower({ vm: VM }))
    await expect(rig.run(hardware({ memoryMB: 524_288, reserveMemory: true }))).rejects.toMatchObject({
      message: expect.stringMatching(
        /edge-1 could not be switched on with its new hardware, and runs with what it had before: .*insufficient/i,
      ),
    })
    expect(await rig.reader.machine(VM)).toMatchObject({
      power: 'poweredOn',
      memoryMB: 32768,
      memoryLocked: false,
      reservedMB: 0,
    })
    expect([...rig.notes.values()]).toEqual([''])
  })

  it('gets it back in time of its own, where all of the first attempt’s has gone by', async () => {
    await rig.run(vmPower({ vm: VM }))
    const writer = (use: { readonly signal: AbortSignal }): VSphereWriter => {
      const own = rig.session.writer(use)
      return { ...own, late: () => spent(own.late()) }
    }
    const session = { ...rig.session, writer }
    await expect(rig.run(hardware({ memoryMB: 524_288, reserveMemory: true }), { session })).rejects.toThrow(
      'runs with what it had before',
    )
    expect(await rig.reader.machine(VM)).toMatchObject({ power: 'poweredOn', memoryMB: 32768 })
  })

  // A view on which a failed attempt to switch a machine on takes all the time that there is.
  function spent(view: VSphereWriter): VSphereWriter {
    let isOver = false
    const inTime = <T>(call: () => Promise<T>): Promise<T> =>
      isOver ? Promise.reject(new Error('out of time')) : call()
    return {
      ...view,
      machine: (path) => inTime(() => view.machine(path)),
      powerOn: (path, options) =>
        inTime(() => view.powerOn(path, options)).catch((error: unknown) => {
          isOver = true
          throw error
        }),
    }
  }

  it('runs on where its host has too little memory to reserve, if it has to stay there', async () => {
    await rig.run(vmPower({ vm: VM, stays: true }))
    const hostId = (await rig.reader.machine(VM))?.host?.value
    const host = (await rig.reader.hosts(PLACE)).find(({ ref }) => ref.value === hostId)?.name
    const { warnings, result } = await refusal(hardware({ memoryMB: 524_288, reserveMemory: true, host }))
    expect(result).toMatchObject({ message: expect.stringContaining('edge-1 needs 512 GB') })
    expect(warnings).toEqual([])
  })

  it('is not interrupted where it was off when that was asked about', async () => {
    const on = { meanwhile: () => rig.run(vmPower({ vm: VM })) }
    const meanwhile = { message: expect.stringContaining('edge-1 was off when it was looked at') }
    await expect(rig.run(hardware({ cpus: 8 }), on)).rejects.toMatchObject(meanwhile)
    expect(await rig.reader.machine(VM)).toMatchObject({ power: 'poweredOn', cpus: 4 })
  })

  it('is switched on again where it was on when that was asked about, and has gone off since', async () => {
    await rig.run(vmPower({ vm: VM }))
    const off = { meanwhile: () => rig.writer.powerOff(VM) }
    expect(await rig.run(hardware({ cpus: 8 }), off)).toMatchObject({ left: [] })
    expect(await rig.reader.machine(VM)).toMatchObject({ power: 'poweredOn', cpus: 8 })
  })

  it('stays where it is when it is only to be switched on again', async () => {
    const reserved = { reserveMemory: true }
    const { instanceUuid } = (await rig.run(hardware(reserved))).facts as { readonly instanceUuid: string }
    const own = (await rig.reader.machine(VM))?.host?.value
    const other = (await rig.reader.hosts(PLACE)).find(({ ref }) => ref.value !== own)?.name
    rig.notes.set(`vsphere/vm-hardware ${instanceUuid}`, 'switched off for a change')
    const { changes, left } = await rig.run(hardware({ ...reserved, host: other }))
    expect(changes.map(({ path }) => path)).toEqual(['power'])
    expect(left).toEqual([])
    const machine = await rig.reader.machine(VM)
    expect(machine?.power).toBe('poweredOn')
    expect(machine?.host?.value).toBe(own)
  })

  it.each([
    [
      'a network that its host has not',
      { networks: ['vse', 'vse', 'vse', 'nowhere'] },
      'nowhere is not on the host',
    ],
    [
      'a disk that snapshots keep from growing',
      { diskGB: 600 },
      'cannot grow to 600 GB: the machine has snapshots',
    ],
  ])('runs on where it is to get %s', async (_, more, message) => {
    await rig.run(vmPower({ vm: VM }))
    const self = await rig.reader.require('VirtualMachine', VM)
    const args = { name: 'before the change', memory: false, quiesce: false }
    await rig.writer.runTask('CreateSnapshot_Task', { self, args, what: 'the snapshot' })
    const { warnings, result } = await refusal(hardware({ cpus: 8, ...more }))
    expect(result).toMatchObject({ message: expect.stringContaining(message) })
    expect(warnings).toEqual([])
  })

  // What a refused step has warned of: that the machine is off is one of it.
  async function refusal(
    task: Task,
  ): Promise<{ readonly warnings: readonly string[]; readonly result: unknown }> {
    const warnings: string[] = []
    const onWarning = (message: string): void => void warnings.push(message)
    const result: unknown = await rig.run(task, { onWarning }).catch((error: unknown) => error)
    return { warnings, result }
  }

  it('keeps a disk that is larger than wanted, and gets adapters that it lacks', async () => {
    const networks = ['vse', 'vse', 'vse', 'dvs-vse']
    const task = vmHardware({ vm: VM, cpus: 6, memoryMB: 32768, diskGB: 100, networks })
    const { changes, left } = await rig.run(task)
    expect(changes).toEqual([
      { path: 'CPUs', from: 4, to: 6 },
      { path: 'network adapters', from: 3, to: 4 },
    ])
    expect(left).toEqual([])
    const machine = await rig.reader.machine(VM)
    expect(machine?.disks).toMatchObject([{ capacityGB: 500 }])
    expect(machine?.nics.map(({ network }) => network)).toEqual(networks)
  })

  it('is plugged into other networks only after asking, where it is on', async () => {
    const task = deploy(['vse', 'dvs-vse', 'vse'])
    const on = { meanwhile: () => rig.run(vmPower({ vm: VM })) }
    await expect(rig.run(task, on)).rejects.toMatchObject({ message: expect.stringContaining('meanwhile') })
    const { uses } = task
    if (uses.kind !== 'module') throw new TypeError('not a module')
    const params = uses.params.parse(task.input)
    const facts = {
      exists: true,
      mark: 'done',
      instanceUuid: '',
      power: 'poweredOn',
      connected: [true, true, true],
      disks: 1,
    } as const
    const say = (more: Partial<OvaFacts>): string | undefined => {
      const found = { ...facts, networks: ['vse', 'vse', 'vse'], ...more } as OvaFacts
      return uses.disruptive?.(uses.diff(found, params), params, found)
    }
    expect(say({})).toBe('edge-1 runs, and is plugged anew: network adapter 2')
    expect(say({ networks: ['vse', 'dvs-vse', 'vse'] })).toBeUndefined()
    expect(say({ power: 'poweredOff' })).toBeUndefined()
  })

  it('is changed by nobody where it is somebody else’s that has the name', async () => {
    const self = await rig.reader.require('VirtualMachine', VM)
    const spec = { extraConfig: [{ key: 'runbook.import', value: '' }] }
    await rig.writer.runTask('ReconfigVM_Task', { self, args: { spec }, what: 'taking the mark' })
    const networks = ['dvs-vse', 'dvs-vse', 'dvs-vse']
    const before = rig.vcenter.mutations
    const rule = { datacenter: '/FRA', computeCluster: 'edge', name: 'VSE fra-1', vms: [VM, `${VM}-b`] }
    for (const task of [
      deploy(networks),
      hardware({ networks }),
      vmPower({ vm: VM, networks }),
      vmPci({ vm: VM, networks }),
    ]) {
      await expect(rig.run(task)).rejects.toMatchObject({
        message: expect.stringMatching(/^edge-1 was not made by a run/),
        hint: expect.stringContaining('runbook.import'),
      })
    }
    expect(rig.vcenter.mutations).toBe(before)
    await rig.run(ova({ ...PLACE, vm: 'edge-1-b', image: rig.image, networks }))
    await expect(rig.run(antiAffinity({ ...rule, networks }))).rejects.toThrow('was not made by a run')
    // One that is as the documentation describes it is welcome.
    expect(await rig.run(vmPower({ vm: VM, networks: ['vse', 'vse', 'vse'] }))).toMatchObject({ left: [] })
  })

  it('is said to be switched off only where it is on', () => {
    const task = vmHardware({ vm: VM, cpus: 4, memoryMB: 49152, diskGB: 500 })
    if (task.uses.kind !== 'module') throw new TypeError('not a module')
    const { uses } = task
    const params = uses.params.parse(task.input)
    const facts = { exists: true, power: 'poweredOn', hasTools: false, cpus: 2 }
    const text = (more: object): string | undefined =>
      uses.disruptive?.(uses.diff({ ...facts, ...more } as never, params), params, {
        ...facts,
        ...more,
      } as never)
    expect(text({})).toBe(
      `${VM} is switched off hard, because its guest has no VMware Tools, and switched on again`,
    )
    expect(text({ hasTools: true })).toBe(`${VM} is shut down and switched on again`)
    expect(text({ power: 'poweredOff' })).toBeUndefined()
  })
})
