/**
 * What is wrong with a name inside an archive or a descriptor, as a clause; undefined where it is a plain relative path that
 * cannot lead out of its folder.
 */
export function checkMemberName(name: string): string | undefined {
  const parts = name.split('/')
  // oxlint-disable-next-line no-control-regex
  const isPlain = name !== '' && name.length <= 255 && !/[\u0000-\u001F\\]/.test(name)
  if (isPlain && !name.startsWith('/') && !parts.includes('..') && !parts.includes('.')) return undefined
  return `the name ${JSON.stringify(name.slice(0, 80))} points outside`
}
