import type { TypeTable } from '../shape.ts'

/** Advanced options with their types. */
export const optionTypes = {
  OptionDef: { extends: 'ElementDescription', fields: { optionType: 'OptionType' } },
  OptionType: { fields: { valueIsReadonly: 'boolean?' } },
  LongOption: { extends: 'OptionType', fields: { min: 'long', max: 'long', defaultValue: 'long' } },
  IntOption: { extends: 'OptionType', fields: { min: 'int', max: 'int', defaultValue: 'int' } },
  StringOption: { extends: 'OptionType', fields: { defaultValue: 'string', validCharacters: 'string?' } },
  BoolOption: { extends: 'OptionType', fields: { supported: 'boolean', defaultValue: 'boolean' } },
  ChoiceOption: {
    extends: 'OptionType',
    fields: { choiceInfo: 'ElementDescription+', defaultIndex: 'int?' },
  },
  OptionValue: { fields: { key: 'string', value: 'anyType' } },
} as const satisfies TypeTable
