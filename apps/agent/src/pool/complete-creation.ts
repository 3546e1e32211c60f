import type { EniId } from "@slash28/address";
import { Fault } from "@slash28/ports";
import type { Step } from "../pods/step-codec.ts";
import { untilFree } from "./attach-eni.ts";
import type { PoolAgent } from "./pool-agent.ts";

type CreateStep = Extract<Step, { step: "create-eni" }>;

/**
 * Ends a creation that a crash or a lost answer left half done. The request is sent again with its token: EC2 then answers with the ENI that it
 * made, also when the first request is still on its way. An ENI that hangs on the instance stays, marked to go with it; any other is deleted.
 */
export async function completeCreation(agent: PoolAgent, step: CreateStep): Promise<void> {
  const { ec2 } = agent.ports;
  const made = step.eni ?? (await madeBy(agent, step));
  if (made === undefined) return;
  const [eni] = await ec2.describeEnis([made]);
  if (eni === undefined) return;
  const { attachment } = eni;
  if (eni.status !== "detaching" && attachment?.instanceId === agent.node.identity.instanceId) {
    if (!attachment.deleteOnTermination) await ec2.deleteOnTermination(made, attachment.id);
    return;
  }
  if (eni.status !== "available") await untilFree(agent.ports, made);
  await ec2.deleteEni(made);
}

/** The ENI of the request; `undefined` when EC2 refuses to make one: then there is none. */
async function madeBy({ ports }: PoolAgent, { request }: CreateStep): Promise<EniId | undefined> {
  try {
    return (await ports.ec2.createEni(request)).id;
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.blame === "bug") throw cause;
    const isNoAnswer = cause.code === "EC2_UNREACHABLE" || cause.code === "EC2_THROTTLED" || cause.code === "EC2_UNAUTHORIZED";
    if (isNoAnswer) throw cause;
    ports.log.info("an interrupted creation made no ENI", { why: cause.message });
    return undefined;
  }
}
