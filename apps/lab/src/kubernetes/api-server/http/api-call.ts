import type { Log, Clock } from "@slash28/ports";

import type { Admission } from "../admission/admission.ts";
import type { Access } from "../authorization/create-access.ts";
import type { Identity } from "../face.ts";
import type { Cluster, Target, WriteOptions } from "../operations/cluster.ts";
import type { PodRuntime } from "../../pod-runtime.ts";
import type { ApiRequest } from "./exchange.ts";

/** What serving requests needs. */
export interface Serving extends Access {
  readonly cluster: Cluster;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly log: Log;
  readonly runtimeFor: (nodeName: string) => PodRuntime | undefined;
  /** Fires when the server closes. */
  readonly closing: AbortSignal;
}

/** One request of somebody who may make it. */
export interface AllowedRequest {
  readonly serving: Serving;
  readonly request: ApiRequest;
  readonly query: URLSearchParams;
  readonly identity: Identity;
}

/** One request to a resource, as far as it is understood. */
export interface ApiCall extends AllowedRequest {
  readonly target: Target;
  readonly subresource: string | undefined;
  /** What the client should be told besides the answer; admission adds to it. */
  readonly warnings: string[];
}

/** A query parameter with a value; `undefined` when it is missing or empty. */
export function parameter(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name);
  return value === null || value === "" ? undefined : value;
}

export function countParameter(query: URLSearchParams, name: string): number | undefined {
  const text = parameter(query, name);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** As Go's ParseBool reads it. */
export function isSet(query: URLSearchParams, name: string): boolean {
  return ["1", "t", "T", "true", "TRUE", "True"].includes(query.get(name) ?? "");
}

/** How a write is to be carried out, and who it is from. */
export function writeOptions({ query, request }: Pick<ApiCall, "query" | "request">): WriteOptions {
  const validation = query.get("fieldValidation");
  const isKnown = validation === "Ignore" || validation === "Warn" || validation === "Strict";
  return {
    isDryRun: query.get("dryRun") === "All",
    fieldValidation: isKnown ? validation : "Warn",
    fieldManager: parameter(query, "fieldManager") ?? programOf(request.headers["user-agent"]),
  };
}

const MANAGER_MAX = 128;

/** The name of a program, out of `name/version (platform) …`. */
function programOf(userAgent = ""): string {
  const name = userAgent.split("/")[0] ?? "";
  return name.replaceAll(/[^\x20-\x7e]/g, "").slice(0, MANAGER_MAX) || "unknown";
}
