import { RESOURCES } from "@slash28/kube";
import type { Kube, KubeObject } from "@slash28/ports";
import { spokenFaults } from "../cluster/kube-of.ts";
import { CommandError } from "../output/index.ts";

/** The variables of the agent's container, and those whose values the DaemonSet does not tell. */
export interface DaemonSetEnv {
  readonly env: Readonly<Record<string, string>>;
  readonly untold: readonly { readonly what: string; readonly from: string }[];
}

interface Container {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: Readonly<Record<string, unknown>> }[];
  readonly envFrom?: readonly Readonly<Record<string, unknown>>[];
}

interface DaemonSet extends KubeObject {
  readonly spec?: { readonly template?: { readonly spec?: { readonly containers?: readonly Container[] } } };
}

const NAMESPACE = "kube-system";
const NAME = "aws-node";

/** Reads the environment of DaemonSet kube-system/aws-node. Values in ConfigMaps and Secrets are not fetched; a field of the pod is shown as `$(field)`. */
export async function envOfDaemonSet(kube: Pick<Kube, "get">): Promise<DaemonSetEnv> {
  const found = await spokenFaults(() => kube.get<DaemonSet>(RESOURCES.daemonSets, NAME, NAMESPACE));
  if (found === undefined)
    throw new CommandError(`the cluster has no DaemonSet ${NAMESPACE}/${NAME}; is this agent or the VPC CNI installed?`);
  const containers = found.spec?.template?.spec?.containers ?? [];
  const container = containers.find(({ name }) => name === NAME) ?? containers[0];
  if (container === undefined) throw new CommandError(`DaemonSet ${NAMESPACE}/${NAME} has no container`);
  const env: Record<string, string> = {};
  const untold: DaemonSetEnv["untold"][number][] = [];
  for (const { name, value, valueFrom } of container.env ?? []) {
    const field = fieldOf(valueFrom);
    if (valueFrom === undefined) env[name] = value ?? "";
    else if (field !== undefined) env[name] = `$(${field})`;
    else untold.push({ what: name, from: Object.keys(valueFrom).join(", ") });
  }
  for (const source of container.envFrom ?? []) untold.push({ what: "variables", from: `envFrom: ${Object.keys(source).join(", ")}` });
  return { env, untold };
}

function fieldOf(valueFrom: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const reference = valueFrom?.["fieldRef"];
  if (typeof reference !== "object" || reference === null || !("fieldPath" in reference)) return undefined;
  return typeof reference.fieldPath === "string" ? reference.fieldPath : undefined;
}
