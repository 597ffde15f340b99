/** What an operator has to know of everything that edits ZIA, whether the run is to activate it or not. */
export const STAGED =
  'ZIA activates by itself what a run has staged, also where the run is not to: when another administrator activates, and when a legacy API session ends, five idle minutes after the run has ended, was killed or cut off'
