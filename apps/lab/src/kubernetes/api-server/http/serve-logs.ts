import { Readable } from "node:stream";

import { at, badRequest, fail, listOf, notFound, succeed, textOf, type KubeObject, type Result } from "@slash28/kube-store";

import type { ContainerName, PodRuntime } from "../../pod-runtime.ts";
import { countParameter, isSet, parameter, type Serving } from "./api-call.ts";
import type { Reply } from "./exchange.ts";
import { failureOf, respondFailure } from "./respond.ts";
import type { ObjectCall } from "./serve-object.ts";
import { fromWebStream } from "./web-exchange.ts";

export interface PodOnNode {
  readonly runtime: PodRuntime;
  readonly container: ContainerName;
}

/** The container a log or exec request means, and the runtime of its node. */
export function findContainer(serving: Serving, namespace: string, name: string, wanted: string | undefined): Result<PodOnNode> {
  const pod = serving.cluster.store.get("pods", { name, namespace });
  if (pod === undefined) return fail(notFound("pods", name));
  const container = containerOf(pod, wanted);
  return container.ok ? placeOf(serving, pod, container.value) : container;
}

/** A pod as a whole, and the runtime of its node. */
export function findPod(serving: Serving, namespace: string, name: string): Result<PodOnNode> {
  const pod = serving.cluster.store.get("pods", { name, namespace });
  return pod === undefined ? fail(notFound("pods", name)) : placeOf(serving, pod, undefined);
}

function placeOf(serving: Serving, pod: KubeObject, container: string | undefined): Result<PodOnNode> {
  const { name, namespace = "" } = pod.metadata;
  const nodeName = textOf(at(pod, "spec", "nodeName")) ?? "";
  if (nodeName === "") return fail(badRequest(`pod ${name} does not have a host assigned`));
  const runtime = serving.runtimeFor(nodeName);
  if (runtime === undefined) {
    return fail({
      code: 503,
      reason: "ServiceUnavailable",
      message: `node ${nodeName}, which runs pod ${name}, does not answer; see kubectl describe node ${nodeName}`,
    });
  }
  return succeed({ runtime, container: { namespace, pod: name, ...(container === undefined ? {} : { container }) } });
}

function containerOf(pod: KubeObject, wanted: string | undefined): Result<string> {
  const names = (field: string): readonly string[] =>
    listOf(at(pod, "spec", field)).map((container) => textOf(at(container, "name")) ?? "");
  const containers = names("containers");
  const init = names("initContainers");
  const { name } = pod.metadata;
  if (wanted !== undefined) {
    const isKnown = [...containers, ...init, ...names("ephemeralContainers")].includes(wanted);
    return isKnown ? succeed(wanted) : fail(badRequest(`container ${wanted} is not valid for pod ${name}`));
  }
  const [only] = containers;
  if (containers.length === 1 && only !== undefined) return succeed(only);
  const others = init.length === 0 ? "" : ` or one of the init containers: [${init.join(" ")}]`;
  return fail(badRequest(`a container name must be specified for pod ${name}, choose one of: [${containers.join(" ")}]${others}`));
}

export async function serveLogs(call: ObjectCall): Promise<Reply> {
  const { query, serving, target } = call;
  const found = findContainer(serving, target.namespace ?? "", target.name, parameter(query, "container"));
  if (!found.ok) return respondFailure(found.failure);
  const tailLines = countParameter(query, "tailLines");
  const sinceSeconds = sinceSecondsOf(query, serving.clock.now());
  const limitBytes = countParameter(query, "limitBytes");
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, serving.closing, call.request.gone()]);
  try {
    const lines = await found.value.runtime.logs(
      found.value.container,
      {
        follow: isSet(query, "follow"),
        previous: isSet(query, "previous"),
        timestamps: isSet(query, "timestamps"),
        ...(tailLines === undefined ? {} : { tailLines }),
        ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
        ...(limitBytes === undefined ? {} : { limitBytes }),
      },
      signal,
    );
    lines.once("close", () => gone.abort());
    const headers = { "content-type": "text/plain", "cache-control": "no-cache, private" };
    return { status: 200, headers, body: { kind: "stream", source: fromWebStream(Readable.toWeb(lines) as ReadableStream<Uint8Array>) } };
  } catch (error) {
    return respondFailure(failureOf(error));
  }
}

function sinceSecondsOf(query: URLSearchParams, now: number): number | undefined {
  const moment = Date.parse(parameter(query, "sinceTime") ?? "");
  return Number.isNaN(moment) ? countParameter(query, "sinceSeconds") : Math.max(1, Math.ceil((now - moment) / 1000));
}
