import { describe, expect, it } from 'vitest'

import { parseEnvelope, renderEnvelope } from '../../../../src/connect/govmomi/codec/envelope.ts'
import { decodeRequest, encodeRequest } from '../../../../src/connect/govmomi/codec/request.ts'
import { operations, type OperationName } from '../../../../src/connect/govmomi/schema/operations.ts'
import type { Arguments, MoRef } from '../../../../src/connect/govmomi/schema/values.ts'

const ref = (type: string, value: string): MoRef => ({ type, value })
const VM = ref('VirtualMachine', 'vm-7')
const HOST = ref('HostSystem', 'host-1')

/** One request of every operation that the product sends or the lab serves: arguments, and the body without its namespaces. */
type Golden = { [O in OperationName]?: { self: MoRef; args: Arguments<O>; xml: string } }

const GOLDEN: Golden = {
  RetrieveServiceContent: {
    self: ref('ServiceInstance', 'ServiceInstance'),
    args: {},
    xml: '<_this type="ServiceInstance">ServiceInstance</_this>',
  },
  CurrentTime: {
    self: ref('ServiceInstance', 'ServiceInstance'),
    args: {},
    xml: '<_this type="ServiceInstance">ServiceInstance</_this>',
  },
  Login: {
    self: ref('SessionManager', 'SessionManager'),
    args: { locale: 'en_US', password: 'a<&>"b', userName: 'root' },
    xml:
      '<_this type="SessionManager">SessionManager</_this><userName>root</userName>' +
      '<password>a&lt;&amp;&gt;&quot;b</password><locale>en_US</locale>',
  },
  Logout: {
    self: ref('SessionManager', 'SessionManager'),
    args: {},
    xml: '<_this type="SessionManager">SessionManager</_this>',
  },
  FindByInventoryPath: {
    self: ref('SearchIndex', 'SearchIndex'),
    args: { inventoryPath: 'FRA/vm/a%2fb' },
    xml: '<_this type="SearchIndex">SearchIndex</_this><inventoryPath>FRA/vm/a%2fb</inventoryPath>',
  },
  CreateContainerView: {
    self: ref('ViewManager', 'ViewManager'),
    args: { container: ref('Folder', 'group-d1'), type: ['VirtualMachine', 'HostSystem'], recursive: true },
    xml:
      '<_this type="ViewManager">ViewManager</_this><container type="Folder">group-d1</container>' +
      '<type>VirtualMachine</type><type>HostSystem</type><recursive>true</recursive>',
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
  WaitForUpdatesEx: {
    self: ref('PropertyCollector', 'pc-2'),
    args: { version: '', options: { maxWaitSeconds: 60 } },
    xml:
      '<_this type="PropertyCollector">pc-2</_this><version></version>' +
      '<options><maxWaitSeconds>60</maxWaitSeconds></options>',
  },
  CreateFilter: {
    self: ref('PropertyCollector', 'pc-2'),
    args: {
      spec: {
        propSet: [{ type: 'Task', all: false, pathSet: ['info.state'] }],
        objectSet: [{ obj: ref('Task', 'task-1'), skip: false }],
      },
      partialUpdates: false,
    },
    xml:
      '<_this type="PropertyCollector">pc-2</_this><spec><propSet><type>Task</type><all>false</all>' +
      '<pathSet>info.state</pathSet></propSet><objectSet><obj type="Task">task-1</obj><skip>false</skip></objectSet></spec>' +
      '<partialUpdates>false</partialUpdates>',
  },
  CreateImportSpec: {
    self: ref('OvfManager', 'ovf'),
    args: {
      ovfDescriptor: '<Envelope/>',
      resourcePool: ref('ResourcePool', 'pool-1'),
      datastore: ref('Datastore', 'ds-1'),
      cisp: {
        diskProvisioning: 'thin',
        networkMapping: [{ network: ref('Network', 'net-1'), name: 'Management' }],
        hostSystem: HOST,
        entityName: 'edge',
        deploymentOption: '',
        locale: '',
      },
    },
    xml:
      '<_this type="OvfManager">ovf</_this><ovfDescriptor>&lt;Envelope/&gt;</ovfDescriptor>' +
      '<resourcePool type="ResourcePool">pool-1</resourcePool><datastore type="Datastore">ds-1</datastore>' +
      '<cisp><locale></locale><deploymentOption></deploymentOption><entityName>edge</entityName>' +
      '<hostSystem type="HostSystem">host-1</hostSystem><networkMapping><name>Management</name>' +
      '<network type="Network">net-1</network></networkMapping><diskProvisioning>thin</diskProvisioning></cisp>',
  },
  ImportVApp: {
    self: ref('ResourcePool', 'pool-1'),
    args: {
      spec: {
        $type: 'VirtualMachineImportSpec',
        configSpec: { name: 'edge', extraConfig: [{ key: 'a', value: '1' }] },
      } as never,
      folder: ref('Folder', 'group-v3'),
    },
    xml:
      '<_this type="ResourcePool">pool-1</_this><spec xsi:type="VirtualMachineImportSpec"><configSpec><name>edge</name>' +
      '<extraConfig><key>a</key><value xsi:type="xsd:string">1</value></extraConfig></configSpec></spec>' +
      '<folder type="Folder">group-v3</folder>',
  },
  HttpNfcLeaseProgress: {
    self: ref('HttpNfcLease', 'lease-1'),
    args: { percent: 42 },
    xml: '<_this type="HttpNfcLease">lease-1</_this><percent>42</percent>',
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
  PutUsbScanCodes: {
    self: VM,
    args: {
      spec: { keyEvents: [{ modifiers: { leftShift: true, leftControl: false }, usbHidCode: 1_376_263 }] },
    },
    xml:
      '<_this type="VirtualMachine">vm-7</_this><spec><keyEvents><usbHidCode>1376263</usbHidCode><modifiers>' +
      '<leftControl>false</leftControl><leftShift>true</leftShift></modifiers></keyEvents></spec>',
  },
  PowerOnVM_Task: {
    self: VM,
    args: { host: HOST },
    xml: '<_this type="VirtualMachine">vm-7</_this><host type="HostSystem">host-1</host>',
  },
  AnswerVM: {
    self: VM,
    args: { answerChoice: '1', questionId: '42' },
    xml: '<_this type="VirtualMachine">vm-7</_this><questionId>42</questionId><answerChoice>1</answerChoice>',
  },
  CloneVM_Task: {
    self: VM,
    args: {
      spec: { powerOn: false, template: false, location: { pool: ref('ResourcePool', 'pool-1') } },
      name: 'copy',
      folder: ref('Folder', 'group-v3'),
    },
    xml:
      '<_this type="VirtualMachine">vm-7</_this><folder type="Folder">group-v3</folder><name>copy</name>' +
      '<spec><location><pool type="ResourcePool">pool-1</pool></location><template>false</template><powerOn>false</powerOn></spec>',
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
  ContinueRetrievePropertiesEx: {
    self: ref('PropertyCollector', 'pc'),
    args: { token: '500' },
    xml: '<_this type="PropertyCollector">pc</_this><token>500</token>',
  },
  CreatePropertyCollector: {
    self: ref('PropertyCollector', 'pc'),
    args: {},
    xml: '<_this type="PropertyCollector">pc</_this>',
  },
  DestroyPropertyCollector: {
    self: ref('PropertyCollector', 'pc-2'),
    args: {},
    xml: '<_this type="PropertyCollector">pc-2</_this>',
  },
  DestroyPropertyFilter: {
    self: ref('PropertyFilter', 'filter-1'),
    args: {},
    xml: '<_this type="PropertyFilter">filter-1</_this>',
  },
  CancelTask: { self: ref('Task', 'task-1'), args: {}, xml: '<_this type="Task">task-1</_this>' },
  HttpNfcLeaseComplete: {
    self: ref('HttpNfcLease', 'lease-1'),
    args: {},
    xml: '<_this type="HttpNfcLease">lease-1</_this>',
  },
  HttpNfcLeaseAbort: {
    self: ref('HttpNfcLease', 'lease-1'),
    args: { fault: { localizedMessage: 'stopped', fault: { $type: 'RequestCanceled' } } },
    xml:
      '<_this type="HttpNfcLease">lease-1</_this><fault><fault xsi:type="RequestCanceled"></fault>' +
      '<localizedMessage>stopped</localizedMessage></fault>',
  },
  PowerOffVM_Task: { self: VM, args: {}, xml: '<_this type="VirtualMachine">vm-7</_this>' },
  CreateScreenshot_Task: { self: VM, args: {}, xml: '<_this type="VirtualMachine">vm-7</_this>' },
  Destroy_Task: { self: VM, args: {}, xml: '<_this type="VirtualMachine">vm-7</_this>' },
  AddPortGroup: {
    self: ref('HostNetworkSystem', 'net-1'),
    args: { portgrp: { policy: {}, vswitchName: 'vSwitch0', vlanId: 0, name: 'vse' } },
    xml:
      '<_this type="HostNetworkSystem">net-1</_this><portgrp><name>vse</name><vlanId>0</vlanId>' +
      '<vswitchName>vSwitch0</vswitchName><policy></policy></portgrp>',
  },
  RemovePortGroup: {
    self: ref('HostNetworkSystem', 'net-1'),
    args: { pgName: 'vse' },
    xml: '<_this type="HostNetworkSystem">net-1</_this><pgName>vse</pgName>',
  },
  AddDVPortgroup_Task: {
    self: ref('VmwareDistributedVirtualSwitch', 'dvs-1'),
    args: { spec: [{ autoExpand: true, type: 'earlyBinding', numPorts: 8, name: 'vse' }] },
    xml:
      '<_this type="VmwareDistributedVirtualSwitch">dvs-1</_this><spec><name>vse</name><numPorts>8</numPorts>' +
      '<type>earlyBinding</type><autoExpand>true</autoExpand></spec>',
  },
  QueryOptions: {
    self: ref('OptionManager', 'opt-1'),
    args: { name: 'Net.ReversePathFwdCheckPromisc' },
    xml: '<_this type="OptionManager">opt-1</_this><name>Net.ReversePathFwdCheckPromisc</name>',
  },
  QueryConfigTarget: {
    self: ref('EnvironmentBrowser', 'env-1'),
    args: { host: HOST },
    xml: '<_this type="EnvironmentBrowser">env-1</_this><host type="HostSystem">host-1</host>',
  },
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
