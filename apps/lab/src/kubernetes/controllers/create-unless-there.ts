import { isAlreadyExists } from "@slash28/kube";

/** `false` when it was made in a turn before and not seen yet: the change that shows it brings another turn. */
export async function createUnlessThere(create: () => Promise<unknown>): Promise<boolean> {
  try {
    await create();
    return true;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return false;
  }
}
