import type { TypeTable } from '../shape.ts'

/** The property collector: what to read, what was read, what changed. */
export const propertyTypes = {
  PropertySpec: { fields: { type: 'string', all: 'boolean?', pathSet: 'string*' } },
  SelectionSpec: { fields: { name: 'string?' } },
  TraversalSpec: {
    extends: 'SelectionSpec',
    fields: { type: 'string', path: 'string', skip: 'boolean?', selectSet: 'SelectionSpec*' },
  },
  ObjectSpec: { fields: { obj: 'ref', skip: 'boolean?', selectSet: 'SelectionSpec*' } },
  PropertyFilterSpec: {
    fields: { propSet: 'PropertySpec+', objectSet: 'ObjectSpec+', reportMissingObjectsInResults: 'boolean?' },
  },
  RetrieveOptions: { fields: { maxObjects: 'int?' } },
  RetrieveResult: { fields: { token: 'string?', objects: 'ObjectContent+' } },
  ObjectContent: { fields: { obj: 'ref', propSet: 'DynamicProperty*', missingSet: 'MissingProperty*' } },
  DynamicProperty: { fields: { name: 'string', val: 'anyType' } },
  MissingProperty: { fields: { path: 'string', fault: 'LocalizedMethodFault' } },
  WaitOptions: { fields: { maxWaitSeconds: 'int?', maxObjectUpdates: 'int?' } },
  UpdateSet: { fields: { version: 'string', filterSet: 'PropertyFilterUpdate*', truncated: 'boolean?' } },
  PropertyFilterUpdate: {
    fields: { filter: 'ref', objectSet: 'ObjectUpdate*', missingSet: 'MissingObject*' },
  },
  ObjectUpdate: {
    fields: {
      kind: 'ObjectUpdateKind',
      obj: 'ref',
      changeSet: 'PropertyChange*',
      missingSet: 'MissingProperty*',
    },
  },
  PropertyChange: { fields: { name: 'string', op: 'PropertyChangeOp', val: 'anyType?' } },
  MissingObject: { fields: { obj: 'ref', fault: 'LocalizedMethodFault' } },
} as const satisfies TypeTable
