/** What an operator has to know of everything that edits ZIA, whether the run is to activate it or not. */
export const STAGED =
  'ZIA activates what is staged by itself: when another administrator activates, and five idle minutes after a run with a legacy API key has ended, was killed or cut off'
