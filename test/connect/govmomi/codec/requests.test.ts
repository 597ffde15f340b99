import { describe, expect, it } from 'vitest'

import { parseEnvelope, renderEnvelope } from '../../../../src/connect/govmomi/codec/envelope.ts'
import { decodeRequest, encodeRequest } from '../../../../src/connect/govmomi/codec/request.ts'
import { operations, type OperationName } from '../../../../src/connect/govmomi/schema/operations.ts'
import type { Arguments, MoRef } from '../../../../src/connect/govmomi/schema/values.ts'

const ref = (type: string, value: string): MoRef => ({ type, value })
const VM = ref('VirtualMachine', 'vm-7')

/** Requests that govc cannot send, or not with these fields; `golden/` has the others. Arguments, and the body without its namespaces. */
type Golden = { [O in OperationName]?: { self: MoRef; args: Arguments<O>; xml: string } }

const GOLDEN: Golden = {
  Login: {
    self: ref('SessionManager', 'SessionManager'),
    args: { locale: 'en_US', password: 'a<&>"b', userName: 'root' },
    xml:
      '<_this type="SessionManager">SessionManager</_this><userName>root</userName>' +
      '<password>a&lt;&amp;&gt;&quot;b</password><locale>en_US</locale>',
  },
  RetrievePropertiesEx: {
    self: ref('PropertyCollector', 'pc'),
    args: {
      options: { maxObjects: 500 },
      specSet: [
        {
          objectSet: [
            {
              skip: true,
              obj: ref('Datacenter', 'dc-1'),
              selectSet: [
                {
                  $type: 'TraversalSpec',
                  skip: false,
                  path: 'hostFolder',
                  type: 'Datacenter',
                  name: 'hop-0',
                  selectSet: [{ name: 'hop-1' }],
                } as never,
              ],
            },
          ],
          propSet: [{ pathSet: ['name', 'config.network'], type: 'HostSystem', all: false }],
        },
      ],
    },
    xml:
      '<_this type="PropertyCollector">pc</_this><specSet><propSet><type>HostSystem</type><all>false</all>' +
      '<pathSet>name</pathSet><pathSet>config.network</pathSet></propSet><objectSet><obj type="Datacenter">dc-1</obj>' +
      '<skip>true</skip><selectSet xsi:type="TraversalSpec"><name>hop-0</name><type>Datacenter</type><path>hostFolder</path>' +
      '<skip>false</skip><selectSet><name>hop-1</name></selectSet></selectSet></objectSet></specSet>' +
      '<options><maxObjects>500</maxObjects></options>',
  },
  ReconfigVM_Task: {
    self: VM,
    args: {
      spec: {
        memoryReservationLockedToMax: true,
        extraConfig: [{ key: 'n', value: 7n }],
        memoryAllocation: { reservation: 49152n },
        deviceChange: [
          {
            device: {
              $type: 'VirtualPCIPassthrough',
              backing: {
                $type: 'VirtualPCIPassthroughDeviceBackingInfo',
                vendorId: 6013,
                systemId: '5f-1',
                deviceId: '11',
                id: '0000:3b:00.0',
                deviceName: 'NITROX',
              },
              key: -100,
            } as never,
            operation: 'add',
          },
        ],
        memoryMB: 49152n,
        numCPUs: 4,
      },
    },
    xml:
      '<_this type="VirtualMachine">vm-7</_this><spec><numCPUs>4</numCPUs><memoryMB>49152</memoryMB>' +
      '<deviceChange><operation>add</operation><device xsi:type="VirtualPCIPassthrough"><key>-100</key>' +
      '<backing xsi:type="VirtualPCIPassthroughDeviceBackingInfo"><deviceName>NITROX</deviceName><id>0000:3b:00.0</id>' +
      '<deviceId>11</deviceId><systemId>5f-1</systemId><vendorId>6013</vendorId></backing></device></deviceChange>' +
      '<memoryAllocation><reservation>49152</reservation></memoryAllocation>' +
      '<extraConfig><key>n</key><value xsi:type="xsd:long">7</value></extraConfig>' +
      '<memoryReservationLockedToMax>true</memoryReservationLockedToMax></spec>',
  },
  AnswerVM: {
    self: VM,
    args: { answerChoice: '1', questionId: '42' },
    xml: '<_this type="VirtualMachine">vm-7</_this><questionId>42</questionId><answerChoice>1</answerChoice>',
  },
  UpdatePortGroup: {
    self: ref('HostNetworkSystem', 'net-1'),
    args: {
      pgName: 'vse',
      portgrp: {
        policy: {
          shapingPolicy: { enabled: false },
          nicTeaming: { nicOrder: { standbyNic: ['vmnic1'], activeNic: ['vmnic0'] } },
          security: { forgedTransmits: true, macChanges: true, allowPromiscuous: true },
        },
        vswitchName: 'vSwitch0',
        vlanId: 84,
        name: 'vse',
      },
    },
    xml:
      '<_this type="HostNetworkSystem">net-1</_this><pgName>vse</pgName><portgrp><name>vse</name><vlanId>84</vlanId>' +
      '<vswitchName>vSwitch0</vswitchName><policy><security><allowPromiscuous>true</allowPromiscuous>' +
      '<macChanges>true</macChanges><forgedTransmits>true</forgedTransmits></security><nicTeaming><nicOrder>' +
      '<activeNic>vmnic0</activeNic><standbyNic>vmnic1</standbyNic></nicOrder></nicTeaming>' +
      '<shapingPolicy><enabled>false</enabled></shapingPolicy></policy></portgrp>',
  },
  ReconfigureDVPortgroup_Task: {
    self: ref('DistributedVirtualPortgroup', 'dvportgroup-9'),
    args: {
      spec: {
        defaultPortConfig: {
          $type: 'VMwareDVSPortSetting',
          macManagementPolicy: {
            allowPromiscuous: true,
            macChanges: true,
            forgedTransmits: true,
            inherited: false,
          },
          securityPolicy: { inherited: false, allowPromiscuous: { value: true, inherited: false } },
          vlan: { $type: 'VmwareDistributedVirtualSwitchVlanIdSpec', vlanId: 84, inherited: false } as never,
          blocked: { inherited: true },
        } as never,
        configVersion: '3',
      },
    },
    xml:
      '<_this type="DistributedVirtualPortgroup">dvportgroup-9</_this><spec><configVersion>3</configVersion>' +
      '<defaultPortConfig xsi:type="VMwareDVSPortSetting"><blocked><inherited>true</inherited></blocked>' +
      '<vlan xsi:type="VmwareDistributedVirtualSwitchVlanIdSpec"><inherited>false</inherited><vlanId>84</vlanId></vlan>' +
      '<securityPolicy><inherited>false</inherited><allowPromiscuous><inherited>false</inherited><value>true</value>' +
      '</allowPromiscuous></securityPolicy><macManagementPolicy><inherited>false</inherited>' +
      '<allowPromiscuous>true</allowPromiscuous><macChanges>true</macChanges><forgedTransmits>true</forgedTransmits>' +
      '</macManagementPolicy></defaultPortConfig></spec>',
  },
  UpdateOptions: {
    self: ref('OptionManager', 'opt-1'),
    args: { changedValue: [{ value: 1n, key: 'Net.ReversePathFwdCheckPromisc' }] },
    xml:
      '<_this type="OptionManager">opt-1</_this><changedValue><key>Net.ReversePathFwdCheckPromisc</key>' +
      '<value xsi:type="xsd:long">1</value></changedValue>',
  },
  UpdatePassthruConfig: {
    self: ref('HostPciPassthruSystem', 'pci-1'),
    args: { config: [{ passthruEnabled: true, id: '0000:3b:00.0' }] },
    xml:
      '<_this type="HostPciPassthruSystem">pci-1</_this><config><id>0000:3b:00.0</id>' +
      '<passthruEnabled>true</passthruEnabled></config>',
  },
  HttpNfcLeaseAbort: {
    self: ref('HttpNfcLease', 'lease-1'),
    args: { fault: { localizedMessage: 'stopped', fault: { $type: 'RequestCanceled' } } },
    xml:
      '<_this type="HttpNfcLease">lease-1</_this><fault><fault xsi:type="RequestCanceled"></fault>' +
      '<localizedMessage>stopped</localizedMessage></fault>',
  },
  CreateScreenshot_Task: { self: VM, args: {}, xml: '<_this type="VirtualMachine">vm-7</_this>' },
}

const DECLARED =
  ' xmlns="urn:vim25" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'

describe('a request', () => {
  it.each(Object.entries(GOLDEN))(
    '%s is written in the order of the wire, whatever the order of its arguments',
    (name, golden) => {
      const operation = name as OperationName
      const xml = encodeRequest({ operation, ...golden })
      expect(xml).toBe(`<${operation}${DECLARED}>${golden.xml}</${operation}>`)
      const decoded = decodeRequest(parseEnvelope(renderEnvelope(xml)))
      expect(decoded.operation).toBe(operation)
      expect(encodeRequest(decoded)).toBe(xml)
    },
  )

  it.each(Object.keys(operations))('%s names its object, or is refused', (operation) => {
    const xml = `<${operation}${DECLARED}><_this type="Folder"></_this></${operation}>`
    expect(() => decodeRequest(parseEnvelope(renderEnvelope(xml)))).toThrow(
      'is not a managed object reference',
    )
  })
})
