import {
  asId,
  cidr4Has,
  formatCidr4,
  formatIpv4,
  parseCidr4,
  parseIpv4,
  type AttachmentId,
  type Cidr4,
  type EniId,
  type Ipv4,
  type SecurityGroupId,
  type SubnetId,
} from "@slash28/address";
import type { CreateEniRequest } from "@slash28/ports";

/** An EC2 step that must not be left half done. Until it is closed nobody knows whether EC2 did it, or all of it. */
export type Step =
  | { readonly step: "give-back"; readonly eni: EniId; readonly addresses: readonly Ipv4[]; readonly prefixes: readonly Cidr4[] }
  | { readonly step: "release-eni"; readonly eni: EniId; readonly attachment: AttachmentId }
  /** From the request until the ENI is in use. Its client token lets anyone ask again and get the same ENI; `eni` is known once EC2 answered. */
  | { readonly step: "create-eni"; readonly request: CreateEniRequest; readonly eni?: EniId };

/** A journal line about a step. */
export type StepLine = Step | { readonly step: "closed"; readonly key: string };

/** What a step is closed by: steps that take something from an ENI by the ENI, creation by its token. */
export function stepKey(step: Step): string {
  return step.step === "create-eni" ? step.request.clientToken : step.eni;
}

/** The step without what a pod has of it. */
export function stepWithout(step: Step, address: Ipv4): Step {
  if (step.step !== "give-back") return step;
  return {
    ...step,
    addresses: step.addresses.filter((each) => each !== address),
    prefixes: step.prefixes.filter((prefix) => !cidr4Has(prefix, address)),
  };
}

/** The line that opens a step. */
export function stepLine(step: Step): string {
  if (step.step !== "give-back") return JSON.stringify(step);
  return JSON.stringify({ ...step, addresses: step.addresses.map(formatIpv4), prefixes: step.prefixes.map(formatCidr4) });
}

/** The line that closes it. */
export function closedLine(step: Step): string {
  return JSON.stringify({ step: "closed", eni: stepKey(step) });
}

/** Reads a line about a step; `undefined` when it is about something else. */
export function decodeStep(line: string): StepLine | undefined {
  const { step, eni: eniText, attachment, addresses, prefixes, request: asked } = fieldsOf(line);
  const eni = typeof eniText === "string" ? asId<EniId>(eniText) : undefined;
  if (step === "create-eni") {
    const request = readRequest(asked);
    return request && { step, request, ...(eni === undefined ? {} : { eni }) };
  }
  if (eni === undefined) return undefined;
  if (step === "closed") return { step, key: eni };
  if (step === "release-eni" && typeof attachment === "string") return { step, eni, attachment: asId(attachment) };
  if (step === "give-back") return { step, eni, addresses: listOf(addresses, parseIpv4), prefixes: listOf(prefixes, parseCidr4) };
  return undefined;
}

/** The fields of a JSON line; none when it is no JSON object. */
export function fieldsOf(line: string): Readonly<Record<string, unknown>> {
  try {
    return recordOf(JSON.parse(line)) ?? {};
  } catch {
    return {};
  }
}

function readRequest(value: unknown): CreateEniRequest | undefined {
  const { subnetId, groups, description, tags: given, connectionTracking, carry, clientToken } = recordOf(value) ?? {};
  const { kind, count } = recordOf(carry) ?? {};
  const tags = Object.entries(recordOf(given) ?? {});
  if (typeof subnetId !== "string" || typeof description !== "string" || typeof clientToken !== "string") return undefined;
  if ((kind !== "addresses" && kind !== "prefixes") || typeof count !== "number") return undefined;
  return {
    subnetId: asId<SubnetId>(subnetId),
    groups: listOf(groups, (text) => asId<SecurityGroupId>(text)),
    description,
    tags: Object.fromEntries(tags.map(([key, text]) => [key, String(text)])),
    ...readConnectionTracking(connectionTracking),
    carry: { kind, count },
    clientToken,
  };
}

/** A request that is repeated with its token must ask for the same: EC2 refuses it otherwise. */
function readConnectionTracking(value: unknown): Pick<CreateEniRequest, "connectionTracking"> {
  const given = Object.entries(recordOf(value) ?? {}).filter(([, seconds]) => typeof seconds === "number");
  return given.length === 0 ? {} : { connectionTracking: Object.fromEntries(given) };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function listOf<T>(list: unknown, parse: (text: string) => T | undefined): readonly T[] {
  return Array.isArray(list) ? list.map((each) => parse(String(each))).filter((each) => each !== undefined) : [];
}
