import type { OperatorAsked } from '../../model/event.ts'
import { indent, oneLine } from './step.ts'
import type { Style } from './style.ts'

/** What a person is asked, or asked to do. */
export function renderQuestion(
  { title, lines }: OperatorAsked,
  { style }: { readonly style: Style },
): readonly string[] {
  return [style.strong(oneLine(title)), ...indent(lines)]
}
