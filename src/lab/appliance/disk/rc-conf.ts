/** Path of the system's settings. */
export const RC_CONF = '/etc/rc.conf'

/** The value of a setting in `rc.conf`, where the last one of that name counts; none where it is not set. */
export function parseSetting(text: string, name: string): string | undefined {
  let value: string | undefined
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z_]\w*)=(?:"([^"]*)"|'([^']*)'|(\S*))/.exec(line)
    if (match?.[1] === name) value = match[2] ?? match[3] ?? match[4] ?? ''
  }
  return value
}

/** Whether a setting says yes, as rc scripts understand it. */
export function isEnabled(text: string, name: string): boolean {
  return /^(yes|true|on|1)$/i.test(parseSetting(text, name) ?? '')
}

/** `rc.conf` with a setting changed in place, or added at the end; `undefined` removes it. */
export function renderSetting(
  text: string,
  { name, value }: { readonly name: string; readonly value: string | undefined },
): string {
  const lines = text.split('\n').filter((line) => line !== '')
  const others = lines.filter((line) => !new RegExp(`^\\s*${name}=`).test(line))
  if (value !== undefined) {
    const at = lines.findIndex((line) => new RegExp(`^\\s*${name}=`).test(line))
    others.splice(at < 0 ? others.length : at, 0, `${name}="${value}"`)
  }
  return others.map((line) => `${line}\n`).join('')
}
