import type { PodOwner, SandboxKey } from "@slash28/ipam";

/** A decoded message: every field of its type is there, unset ones with their default. */
export type RpcFields = Readonly<Record<string, unknown>>;

/** What both requests of the plugin say. Field names as in rpc.proto. */
export interface SandboxCall {
  readonly clientVersion: string;
  /** Absent when one of its three parts is empty. */
  readonly key?: SandboxKey;
  readonly owner?: PodOwner;
}

export interface AddCall extends SandboxCall {
  readonly netns: string;
  readonly wantsEveryCard: boolean;
}

export interface DelCall extends SandboxCall {
  readonly reason: string;
}

/** One address in a reply. */
export interface AddressMetadata {
  readonly IPv4Addr: string;
  readonly DeviceNumber: number;
  readonly RouteTableId: number;
}

/** A reply, or a gRPC status in its place. */
export type RpcAnswer =
  | { readonly kind: "reply"; readonly fields: RpcFields }
  | { readonly kind: "status"; readonly code: RpcCode; readonly message: string };

/** The gRPC status codes in use. */
export type RpcCode = "UNKNOWN" | "INVALID_ARGUMENT" | "NOT_FOUND" | "FAILED_PRECONDITION" | "INTERNAL" | "UNAVAILABLE";

export function addCallOf(fields: RpcFields): AddCall {
  return { ...sandboxCallOf(fields), netns: text(fields, "Netns"), wantsEveryCard: fields["RequiresMultiNICAttachment"] === true };
}

export function delCallOf(fields: RpcFields): DelCall {
  return { ...sandboxCallOf(fields), reason: text(fields, "Reason") };
}

function sandboxCallOf(fields: RpcFields): SandboxCall {
  const [networkName, containerId, ifName] = [text(fields, "NetworkName"), text(fields, "ContainerID"), text(fields, "IfName")];
  const [namespace, name] = [text(fields, "K8S_POD_NAMESPACE"), text(fields, "K8S_POD_NAME")];
  return {
    clientVersion: text(fields, "ClientVersion"),
    ...(networkName && containerId && ifName ? { key: { networkName, containerId, ifName } } : {}),
    ...(namespace && name ? { owner: { namespace, name } } : {}),
  };
}

function text(fields: RpcFields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}
