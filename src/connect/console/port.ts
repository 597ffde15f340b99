/** One key of a US keyboard, pressed and released. */
export interface Key {
  /** USB HID usage on the keyboard page: 0x04 is `a`. */
  readonly usage: number
  readonly shift: boolean
  readonly control: boolean
  readonly alt: boolean
}

/** The screen and the keyboard of a machine, wherever they come from. */
export interface ConsolePort {
  /** What the screen shows now, as a PNG. */
  screen(signal: AbortSignal): Promise<Buffer>
  /** Presses keys; resolves to how many the machine took. Not there where nothing may be typed, as in check mode. */
  readonly type?: ((keys: readonly Key[], signal: AbortSignal) => Promise<number>) | undefined
}
