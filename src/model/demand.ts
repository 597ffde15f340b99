/** What a module asks of a system at most, where nothing is there yet: calls of which only so many are allowed an hour. */
export interface Demand {
  /** What the allowance is for: `POST /virtualZenNodes`. Modules that name the same share it. */
  readonly quota: string
  readonly perHour: number
  readonly calls: number
  /** Seconds that a call takes, its pace included. */
  readonly seconds: number
}
