/**
 * A URL as it may be shown: without its query, its fragment, and whom it names. What grants access to a file often stands in
 * there, such as a signature that is good for a day.
 */
export function showUrl(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1')
}

/** A text of somebody else's, such as a server's, with a URL shown as it may be. */
export function hideQuery(text: string, url: string): string {
  const query = /[?#].*$/s.exec(url)?.[0] ?? ''
  return query.length < 2 ? text : text.replaceAll(query, '').replaceAll(query.slice(1), '…')
}
