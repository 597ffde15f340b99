// What a text console of the appliance stops at around a log-in. The prompts of its commands are the modules’ matter.

/** The machine waits for a user name. */
export const LOGIN = /login:\s*$/i

/** The machine waits for the password of whoever logs in. */
export const PASSWORD = /^\s*password(?: for [^:]*)?:\s*$/i

/** The machine wants to know the password that is about to be changed. */
export const OLD_PASSWORD = /(?:old|current) password:\s*$/i

/** The machine demands a new password. */
export const NEW_PASSWORD = /(?:^|\s)new password:\s*$/i

/** The machine wants the new password once more. */
export const RETYPE_PASSWORD = /(?:re-?type|re-?enter|again|verify|confirm).*:\s*$/i

/** A shell waits for a command. */
export const SHELL = /[$#%>]\s*$/

/** A log-in was refused. */
export const REFUSED = /login incorrect|permission denied|authentication (?:failed|error)/i

/** A new password was refused. */
export const NEW_REFUSED =
  /mismatch|do(?:es)? not match|too (?:short|simple|weak)|not complex|unchanged|try again|password rejected|bad password/i
