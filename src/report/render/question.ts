import type { OperatorAsked } from '../../model/event.ts'
import { indent, oneLine } from './step.ts'
import type { Style } from './style.ts'

/** What a person is asked to do. A question that is nothing but its title is asked by the prompt itself. */
export function renderQuestion(
  { title, lines }: OperatorAsked,
  { style }: { readonly style: Style },
): readonly string[] {
  return lines.length === 0 ? [] : [style.strong(oneLine(title)), ...indent(lines)]
}
