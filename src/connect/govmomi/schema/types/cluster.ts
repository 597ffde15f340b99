import type { TypeTable } from '../shape.ts'

/** Clusters: distributed resource scheduling, rules, and switching many machines on at once. */
export const clusterTypes = {
  ComputeResourceConfigSpec: {
    fields: {
      vmSwapPlacement: 'string?',
      spbmEnabled: 'boolean?',
      defaultHardwareVersionKey: 'string?',
    },
  },
  ComputeResourceConfigInfo: {
    fields: {
      vmSwapPlacement: 'string',
      spbmEnabled: 'boolean?',
      defaultHardwareVersionKey: 'string?',
    },
  },
  ClusterConfigSpecEx: {
    extends: 'ComputeResourceConfigSpec',
    fields: {
      dasConfig: 'ClusterDasConfigInfo?',
      drsConfig: 'ClusterDrsConfigInfo?',
      rulesSpec: 'ClusterRuleSpec*',
    },
  },
  ClusterConfigInfoEx: {
    extends: 'ComputeResourceConfigInfo',
    fields: {
      dasConfig: 'ClusterDasConfigInfo',
      drsConfig: 'ClusterDrsConfigInfo',
      rule: 'ClusterRuleInfo*',
    },
  },
  ClusterDasConfigInfo: {
    fields: {
      enabled: 'boolean?',
      vmMonitoring: 'string?',
      hostMonitoring: 'string?',
      vmComponentProtecting: 'string?',
      failoverLevel: 'int?',
      admissionControlEnabled: 'boolean?',
    },
  },
  ClusterDrsConfigInfo: {
    fields: {
      enabled: 'boolean?',
      enableVmBehaviorOverrides: 'boolean?',
      defaultVmBehavior: 'DrsBehavior?',
      vmotionRate: 'int?',
      scaleDescendantsShares: 'string?',
      option: 'OptionValue*',
    },
  },
  ClusterRuleInfo: {
    fields: {
      key: 'int?',
      status: 'ManagedEntityStatus?',
      enabled: 'boolean?',
      name: 'string?',
      mandatory: 'boolean?',
      userCreated: 'boolean?',
      inCompliance: 'boolean?',
      ruleUuid: 'string?',
    },
  },
  ClusterAffinityRuleSpec: { extends: 'ClusterRuleInfo', fields: { vm: 'ref+' } },
  ClusterAntiAffinityRuleSpec: { extends: 'ClusterRuleInfo', fields: { vm: 'ref+' } },
  ClusterVmHostRuleInfo: {
    extends: 'ClusterRuleInfo',
    fields: {
      vmGroupName: 'string?',
      affineHostGroupName: 'string?',
      antiAffineHostGroupName: 'string?',
    },
  },
  ClusterRuleSpec: { extends: 'ArrayUpdateSpec', fields: { info: 'ClusterRuleInfo?' } },
  ClusterPowerOnVmResult: {
    fields: { attempted: 'ClusterAttemptedVmInfo*', notAttempted: 'ClusterNotAttemptedVmInfo*' },
  },
  ClusterAttemptedVmInfo: { fields: { vm: 'ref', task: 'ref?' } },
  ClusterNotAttemptedVmInfo: { fields: { vm: 'ref', fault: 'LocalizedMethodFault' } },
} as const satisfies TypeTable
