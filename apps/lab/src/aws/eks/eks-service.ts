import type { Log } from "@slash28/ports";
import type { Gate } from "../gate.ts";
import { createRestService, type AnyRestOperation } from "../rest-json/index.ts";
import type { AwsService } from "../service.ts";
import { EKS_SCHEMA } from "./schema.ts";

/** What an EKS client calls: each operation is made in its noun's folder beside this file. */
export interface EksServiceOptions {
  readonly operations: readonly AnyRestOperation[];
  readonly gate: Gate;
  readonly log: Log;
}

/** Belongs to EKS Auth, which shares EKS's paths (`POST /clusters/{name}/assume-role-for-pod-identity`). */
const EKS_AUTH_PATH = /^\/clusters\/[^/]+\/assume-role-for-pod-identity\/?$/;

/** EKS on the wire: REST-JSON, by the routes of its published model. */
export function createEksService({ operations, gate, log }: EksServiceOptions): AwsService {
  const service = createRestService({ name: "eks", title: "Amazon EKS", schema: EKS_SCHEMA, operations, gate, log });
  return { ...service, takes: (request) => !EKS_AUTH_PATH.test(new URL(request.url).pathname) && service.takes(request) };
}
