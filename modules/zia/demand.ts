/** One edit of a resource of ZIA, which takes so many seconds: its own time, and a second until the next one. */
export function editOf(
  resource: string,
  { verb = 'POST', seconds }: { readonly verb?: 'POST' | 'PUT' | 'DELETE'; readonly seconds: number },
) {
  return { quota: `${verb} /${resource}`, perHour: 400, calls: 1, seconds }
}
