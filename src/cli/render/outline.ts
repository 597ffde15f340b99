type Member = readonly [key: string, value: unknown]

const isPlain = (value: unknown): value is string | number | boolean | null | undefined =>
  typeof value !== 'object' || value === null

function renderPlain(value: unknown): string {
  return typeof value === 'string' ? value : String(value)
}

function renderMember([key, value]: Member): readonly string[] {
  if (isPlain(value)) return [`${key}: ${renderPlain(value)}`]
  const below = renderOutline(value)
  return below.length === 0 ? [`${key}: none`] : [`${key}:`, ...below.map((line) => `  ${line}`)]
}

function renderItem(value: unknown): readonly string[] {
  const [first = 'none', ...rest] = isPlain(value) ? [renderPlain(value)] : renderOutline(value)
  return [`- ${first}`, ...rest.map((line) => `  ${line}`)]
}

/** Plain data as an indented outline for people: `key: value`, and `- ` before each of several. */
export function renderOutline(value: unknown): readonly string[] {
  if (isPlain(value)) return [renderPlain(value)]
  if (Array.isArray(value)) return value.flatMap(renderItem)
  return Object.entries(value).flatMap(renderMember)
}
