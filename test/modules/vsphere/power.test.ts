import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { selectAnswer, type Question } from '../../../modules/vsphere/answer-question.ts'
import { ova } from '../../../modules/vsphere/ova.ts'
import { vmHardware } from '../../../modules/vsphere/vm-hardware.ts'
import { vmPower } from '../../../modules/vsphere/vm-power.ts'
import { toQuestion } from '../../../src/connect/govmomi/object/question.ts'
import { openRig, type Rig } from './rig.ts'

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
  beforeEach(async () => {
    rig = await openRig()
    const place = { datacenter: '/FRA', computeCluster: 'edge', datastore: 'ssd-1', folder: 'edges' }
    await rig.run(ova({ ...place, vm: 'edge-1', image: rig.image, networks: ['vse', 'vse', 'vse'] }))
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

  it('serves on after hardware that it cannot have', async () => {
    await rig.run(vmPower({ vm: VM }))
    const networks = ['vse', 'vse', 'vse', 'nowhere']
    const task = vmHardware({ vm: VM, cpus: 4, memoryMB: 49152, diskGB: 500, networks })
    await expect(rig.run(task)).rejects.toMatchObject({
      message: expect.stringContaining('nowhere is not on the host'),
    })
    expect(await rig.reader.machine(VM)).toMatchObject({ power: 'poweredOn' })
  })

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
