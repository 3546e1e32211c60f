import { createImds } from "@slash28/aws";
import { Fault } from "@slash28/ports";
import { CommandError } from "../output/index.ts";
import { wallClock } from "../wall-clock.ts";

const TIMEOUT_MS = 2_000;

/** The type of the instance this runs on. */
export async function instanceTypeFromMetadata(env: NodeJS.ProcessEnv): Promise<string> {
  const endpoint = env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254";
  try {
    return await createImds({ endpoint, clock: wallClock, timeoutMs: TIMEOUT_MS }).read("meta-data/instance-type");
  } catch (cause) {
    if (cause instanceof Fault) throw new CommandError(`${cause.message}; or name the type with --instance-type`);
    throw cause;
  }
}
