/** Written last when a lab is made for the first time: a folder without it holds half a lab, which is made anew. */
export const COMPLETE = "complete";

/** The form of the folder as a whole, raised when an older slash28 could not read it any more. */
export const STATE_FORMAT = 1;

/** The nodes' disks, a folder each. */
export const DISKS = "nodes";
