import { at, listOf, textOf, type Fields, type KubeObject, type Result } from "@slash28/kube-store";

import type { Identity } from "../face.ts";
import { admitSent } from "../operations/sent-kinds.ts";
import { isSet, parameter, type Serving } from "./api-call.ts";
import type { SessionStreams } from "./exec-session.ts";

/** A part of a pod that a connection leads to. */
export const CONNECTABLE = ["exec", "attach", "portforward"] as const;
export type Connectable = (typeof CONNECTABLE)[number];

export interface ConnectionRequest {
  readonly to: Connectable;
  readonly namespace: string;
  readonly pod: string;
  readonly query: URLSearchParams;
  readonly caller: Identity;
}

/** How a connection is to be made, after admission. */
export interface ConnectionOptions extends SessionStreams {
  readonly container: string | undefined;
  readonly command: readonly string[];
}

/** Has a connection pass admission (CONNECT of `PodExecOptions` and the like). */
export async function admitConnection(serving: Serving, request: ConnectionRequest): Promise<Result<ConnectionOptions>> {
  const { to, namespace, pod, query, caller } = request;
  const definition = serving.cluster.registry.find("", "v1", "pods");
  if (definition === undefined) throw new Error("the type pods is always there");
  const target = { definition, namespace, name: pod };
  const body = fieldsOfQuery(to, query);
  // There is no answer yet that could carry a warning.
  const writer = { identity: caller, warn: () => undefined };
  const admitted = await serving.admission.carryOut(writer, (_, stage) =>
    admitSent(stage, { operation: "CONNECT", subresource: to, target, body }),
  );
  return admitted.ok ? { ok: true, value: optionsOf(admitted.value) } : admitted;
}

const STREAMS = ["stdin", "stdout", "stderr", "tty"] as const;

/** What is false or empty is left out, as Go writes it. */
function fieldsOfQuery(to: Connectable, query: URLSearchParams): Fields {
  if (to === "portforward") {
    const ports = query.getAll("ports").flatMap((list) => list.split(",").map(Number));
    return ports.length === 0 ? {} : { ports };
  }
  const container = parameter(query, "container");
  const command = query.getAll("command");
  return {
    ...Object.fromEntries(STREAMS.filter((name) => isSet(query, name)).map((name) => [name, true])),
    ...(container === undefined ? {} : { container }),
    ...(command.length === 0 ? {} : { command }),
  };
}

function optionsOf(object: KubeObject): ConnectionOptions {
  const has = (name: (typeof STREAMS)[number]): boolean => at(object, name) === true;
  return {
    stdin: has("stdin"),
    stdout: has("stdout"),
    stderr: has("stderr"),
    tty: has("tty"),
    container: textOf(at(object, "container")),
    command: listOf(at(object, "command")).map(String),
  };
}
