import { describe, expect, test } from "vitest";
import { Fault, FAULTS, type Blame, type FaultCode, type FaultFields, type FaultSpec } from "../src/index.ts";

/** For every fault, the fields its sentence is about. A new fault does not compile without a line here. */
const FIELDS: Readonly<Record<FaultCode, FaultFields>> = {
  EC2_THROTTLED: { api: "AssignPrivateIpAddresses" },
  EC2_UNREACHABLE: { api: "DescribeSubnets", detail: "connect ETIMEDOUT" },
  NO_CREDENTIALS: { detail: "the instance has no role" },
  EC2_UNAUTHORIZED: { api: "CreateNetworkInterface" },
  EC2_FAILED: { api: "DetachNetworkInterface", code: "OperationNotPermitted", detail: "not allowed" },
  SUBNET_FULL: { subnet: "subnet-1" },
  SUBNET_FRAGMENTED: { subnet: "subnet-1" },
  SUBNETS_UNKNOWN: { zone: "us-east-1a", subnet: "subnet-1", detail: "ec2:DescribeSubnets is not allowed" },
  ENI_ADDRESS_LIMIT: { eni: "eni-1" },
  INSTANCE_ENI_LIMIT: { instance: "i-1" },
  ENI_GONE: { eni: "eni-1" },
  METADATA_UNREACHABLE: { path: "instance-id", detail: "connect ECONNREFUSED" },
  NO_FREE_ADDRESS: { detail: "9 held, 9 assigned" },
  AGENT_STARTING: {},
  AGENT_STOPPING: {},
  POD_NAMESPACE_GONE: { netns: "/run/netns/a" },
  POD_LINK_EXISTS: { link: "eth0" },
  KERNEL_REFUSED: { errno: "EEXIST", doing: "adding route 10.0.0.5/32" },
  HOST_TOOL_MISSING: { tool: "nft", package: "nftables" },
  JOURNAL_FAILED: { path: "/var/run/aws-node/ipam.journal", detail: "ENOSPC" },
  JOURNAL_DAMAGED: {
    path: "/var/run/aws-node/ipam.journal",
    detail: "line 3 is not what was written",
    copy: "/var/run/aws-node/ipam.journal.damaged-20300101T000000Z",
  },
  JOURNAL_UNREADABLE: { path: "/var/run/aws-node/ipam.journal", detail: "line 3 is damaged" },
  KUBE_UNREACHABLE: { detail: "connect ECONNREFUSED" },
  ENI_CONFIG_UNUSABLE: { name: "us-east-1a", detail: "does not exist" },
  KUBE_REFUSED: { verb: "create", object: "pods default/a", status: 403, reason: "Forbidden", detail: "no" },
  BAD_REQUEST: { detail: "the name is empty" },
};

/** What they say in the end is the outside's own answer, or the caller's: it names the remedy, not the table. */
const REMEDY_IS_IN_THE_DETAIL: readonly FaultCode[] = ["KUBE_REFUSED", "BAD_REQUEST"];
const BLAMES: readonly Blame[] = ["operator", "cloud", "host", "caller", "bug"];

const codes = Object.keys(FAULTS) as FaultCode[];
const spec = (code: FaultCode): FaultSpec => FAULTS[code];

describe.each(codes)("%s", (code) => {
  const { blame, retryAfterMs } = spec(code);

  test("says a sentence with every field it was given", () => {
    const { message } = new Fault(code, FIELDS[code]);
    for (const value of Object.values(FIELDS[code])) expect(message).toContain(String(value));
    expect(message).not.toMatch(/undefined|\[object|^\s|[\s.]$/);
  });

  test("blames someone, and its delay is a whole number of milliseconds within minutes", () => {
    expect(BLAMES).toContain(blame);
    expect(Number.isInteger(retryAfterMs ?? 0)).toBe(true);
    expect(retryAfterMs ?? 0).toBeGreaterThanOrEqual(0);
    expect(retryAfterMs ?? 0).toBeLessThanOrEqual(300_000);
  });
});

test.each(codes.filter((code) => spec(code).blame === "operator" && !REMEDY_IS_IN_THE_DETAIL.includes(code)))(
  "%s tells the operator what to do",
  (code) => {
    expect(new Fault(code, FIELDS[code]).message).toMatch(/; (add|lower|reserve|check|install|move) /);
  },
);

test("what the cloud or the host mends by itself is tried again", () => {
  const never = codes.filter((code) => ["cloud", "host"].includes(spec(code).blame) && spec(code).retryAfterMs === undefined);
  expect(never).toEqual([]);
});

test("a bug and a caller's mistake are not tried again", () => {
  const again = codes.filter((code) => ["bug", "caller"].includes(spec(code).blame) && spec(code).retryAfterMs !== undefined);
  expect(again).toEqual([]);
});

test("an operator's fault is tried again no sooner than the cloud's slowest, but for what a start or a pod waits for", () => {
  const hasty = codes.filter((code) => spec(code).blame === "operator" && (spec(code).retryAfterMs ?? Infinity) < 60_000);
  expect(hasty).toEqual(["NO_CREDENTIALS", "METADATA_UNREACHABLE", "ENI_CONFIG_UNUSABLE"]);
});

test("a subnet without a name is still a sentence", () => {
  expect(new Fault("SUBNET_FULL").message).toBe(
    "the subnet is full: it has no free address; add a subnet tagged kubernetes.io/role/cni=1 or lower the warm targets",
  );
  expect(new Fault("SUBNET_FRAGMENTED").message).toBe(
    "the subnet has no free /28: it is full or fragmented; reserve a CIDR for prefixes or add a subnet tagged kubernetes.io/role/cni=1",
  );
});

test("a fault is an error that carries its code, its fields, its rules and its cause", () => {
  const cause = new Error("socket hang up");
  const fault = new Fault("EC2_UNREACHABLE", { api: "DescribeSubnets", detail: "socket hang up" }, { cause });
  expect(fault).toBeInstanceOf(Error);
  expect(fault.name).toBe("Fault");
  expect(fault.code).toBe("EC2_UNREACHABLE");
  expect(fault.fields).toEqual({ api: "DescribeSubnets", detail: "socket hang up" });
  expect(fault.blame).toBe("cloud");
  expect(fault.retryAfterMs).toBe(5_000);
  expect(fault.cause).toBe(cause);
  expect(new Fault("POD_NAMESPACE_GONE", { netns: "/run/netns/a" }).retryAfterMs).toBeUndefined();
});
