/** A download of a build that is going on. */
export interface UpdateJob {
  /** What of it is on the disk already. */
  kilobytes: number
  /** Where it tells its progress; nowhere once nobody listens. */
  say: (text: string) => void
  /** Ends it, as a person does whom it does not get on for. */
  end(): void
}

/** The machine's updater: at most one download at a time. */
export interface Updater {
  job: UpdateJob | undefined
}
