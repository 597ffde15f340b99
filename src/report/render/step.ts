import type { StepFinished } from '../../model/event.ts'
import { renderDiff } from './diff.ts'
import { renderDuration } from './duration.ts'
import { renderError } from './error.ts'
import type { Look } from './look.ts'
import { SKIP_WORDS } from './skip.ts'
import { clip } from './width.ts'

const INDENT = '    '

const PHASE_COLUMNS = 28

/** Lines that belong to the one above them. */
export function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `${INDENT}${line}`)
}

/** A text in one line, whatever breaks it has. */
export function oneLine(text: string): string {
  return text.replace(/\s*[\n\t]\s*/g, ' ')
}

/** The place that a line tells of: `[lab-1-a] 7 Configure the network… › The network is configured`. */
export function renderPlace(
  { target, name }: Pick<StepFinished, 'target' | 'name'>,
  { phase, look }: { readonly phase: string; readonly look: Look },
): string {
  const { within, ellipsis } = look.glyphs
  // The phase's own lines have its whole name; documented ones are long.
  const short = clip(oneLine(phase), { columns: PHASE_COLUMNS, ellipsis })
  return `[${oneLine(target)}] ${short} ${within} ${oneLine(name)}`
}

function renderVerdict({ outcome, proof, reason, ignored, sharedWith, duration }: StepFinished): string {
  const word = outcome === 'changed' && proof === 'predicted' ? 'would change' : outcome
  const remarks = [
    ...(outcome === 'skipped' ? [] : [renderDuration(duration)]),
    ...(reason === undefined ? [] : [SKIP_WORDS[reason]]),
    ...(outcome === 'changed' && proof === 'recorded' ? ['applied, not verifiable'] : []),
    ...(sharedWith === undefined ? [] : [`done by ${oneLine(sharedWith)}`]),
    ...(ignored === true ? ['ignored'] : []),
  ]
  return remarks.length === 0 ? word : `${word} (${remarks.join('; ')})`
}

/** What became of one step of one target: a line, and below it the changes where they are asked for, and the error. */
export function renderFinished(
  event: StepFinished,
  { phase, look }: { readonly phase: string; readonly look: Look },
): readonly string[] {
  const { style, glyphs, diff } = look
  const verdict = style.outcome[event.outcome](renderVerdict(event))
  const changes = diff && event.sharedWith === undefined ? renderDiff(event.changes, look) : []
  const error = event.error === undefined ? [] : renderError(event.error, look)
  return [
    `${renderPlace(event, { phase, look })} ${glyphs.ellipsis} ${verdict}`,
    ...indent([...changes, ...error]),
  ]
}
