import type { TypeTable } from '../shape.ts'

/** Tasks and how they end. */
export const taskTypes = {
  TaskInfo: {
    fields: {
      key: 'string',
      task: 'ref',
      description: 'LocalizableMessage?',
      name: 'string?',
      descriptionId: 'string',
      entity: 'ref?',
      entityName: 'string?',
      locked: 'ref*',
      state: 'TaskInfoState',
      cancelled: 'boolean',
      cancelable: 'boolean',
      error: 'LocalizedMethodFault?',
      result: 'anyType?',
      progress: 'int?',
      progressDetails: 'KeyAnyValue*',
      reason: 'TaskReason',
      queueTime: 'dateTime',
      startTime: 'dateTime?',
      completeTime: 'dateTime?',
      eventChainId: 'int',
      changeTag: 'string?',
      parentTaskKey: 'string?',
      rootTaskKey: 'string?',
      activationId: 'string?',
    },
  },
  TaskReason: { fields: {} },
  TaskReasonUser: { extends: 'TaskReason', fields: { userName: 'string' } },
  LocalizedMethodFault: { fields: { fault: 'MethodFault', localizedMessage: 'string?' } },
} as const satisfies TypeTable
