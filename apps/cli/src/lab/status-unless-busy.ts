import { ControlError, type ControlClient, type LabStatus } from "@slash28/lab";

/** The lab's state; nothing when nobody listens, or when the lab is too busy to answer: with many nodes that start, on a slow machine. */
export async function statusUnlessBusy(control: ControlClient): Promise<LabStatus | undefined> {
  try {
    return await control.status();
  } catch (cause) {
    if (cause instanceof ControlError) return undefined;
    throw cause;
  }
}
