/** A fix is made this long after the observed moment. */
export const FIX_AT_MS = 60_000;
