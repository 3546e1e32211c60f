/** What is kept cannot be gone on from. The message says which file, where in it, and what to do. */
export class DamagedState extends Error {
  override readonly name = "DamagedState";
}

export const REMEDY = "Put back a copy of the folder, or start with an empty one; nothing was changed";

/** What `read` reads; its failure is told with what to do. */
export function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new DamagedState(`${cause instanceof Error ? cause.message : String(cause)}. ${REMEDY}`);
  }
}
