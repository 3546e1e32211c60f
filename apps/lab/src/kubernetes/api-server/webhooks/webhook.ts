import { at, labelSelectorOf, listOf, numberOf, textOf, type KubeObject, type LabelSelector } from "@slash28/kube-store";

import type { CelProgram } from "../cel/cel-program.ts";
import { compileCel } from "./compile-cel.ts";

export interface WebhookRule {
  readonly operations: readonly string[];
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly scope: string;
}

export interface MatchCondition {
  readonly name: string;
  readonly program: CelProgram;
}

/** Where a webhook stands: at a URL, or behind a service of the cluster. */
export type WebhookPlace =
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "service"; readonly namespace: string; readonly name: string; readonly path: string; readonly port: number };

/** One webhook of a Mutating- or ValidatingWebhookConfiguration, with every default filled in (Kubernetes docs, "Dynamic Admission Control"). */
export interface Webhook {
  readonly name: string;
  readonly place: WebhookPlace;
  /** PEM of the authorities its certificate must be of; absent: the machine's own. */
  readonly caPem: string | undefined;
  readonly rules: readonly WebhookRule[];
  readonly failurePolicy: "Fail" | "Ignore";
  readonly matchPolicy: "Exact" | "Equivalent";
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  readonly conditions: readonly MatchCondition[];
  readonly timeoutMs: number;
  readonly hasSideEffects: boolean;
  readonly isReinvoked: boolean;
}

const USUAL_TIMEOUT_SECONDS = 10;
const HTTPS_PORT = 443;
/** A selector that no object meets: how one is taken that cannot be read. */
const NOTHING: LabelSelector = [{ key: "", operator: "in", values: [] }];

/** The webhooks of a configuration, in its order. Objects are checked before they are stored, so anything odd falls to its default. */
export function webhooksOf(configuration: KubeObject): readonly Webhook[] {
  return listOf(configuration["webhooks"]).map(webhookOf);
}

function webhookOf(webhook: unknown): Webhook {
  const text = (name: string): string => textOf(at(webhook, name)) ?? "";
  const caBundle = textOf(at(webhook, "clientConfig", "caBundle")) ?? "";
  return {
    name: text("name"),
    place: placeOf(at(webhook, "clientConfig")),
    caPem: caBundle === "" ? undefined : Buffer.from(caBundle, "base64").toString(),
    rules: rulesOf(at(webhook, "rules")),
    failurePolicy: text("failurePolicy") === "Ignore" ? "Ignore" : "Fail",
    matchPolicy: text("matchPolicy") === "Exact" ? "Exact" : "Equivalent",
    namespaceSelector: selectorOf(at(webhook, "namespaceSelector")),
    objectSelector: selectorOf(at(webhook, "objectSelector")),
    conditions: conditionsOf(at(webhook, "matchConditions")),
    timeoutMs: (numberOf(at(webhook, "timeoutSeconds")) ?? USUAL_TIMEOUT_SECONDS) * 1000,
    hasSideEffects: !["None", "NoneOnDryRun"].includes(text("sideEffects")),
    isReinvoked: text("reinvocationPolicy") === "IfNeeded",
  };
}

export function rulesOf(rules: unknown): readonly WebhookRule[] {
  return listOf(rules).map((rule) => {
    const texts = (name: string): readonly string[] => listOf(at(rule, name)).map(String);
    return {
      operations: texts("operations"),
      apiGroups: texts("apiGroups"),
      apiVersions: texts("apiVersions"),
      resources: texts("resources"),
      scope: textOf(at(rule, "scope")) ?? "*",
    };
  });
}

export function selectorOf(selector: unknown): LabelSelector {
  return selector === undefined || selector === null ? [] : (labelSelectorOf(selector) ?? NOTHING);
}

export function conditionsOf(conditions: unknown): readonly MatchCondition[] {
  return listOf(conditions).map((condition) => ({
    name: textOf(at(condition, "name")) ?? "",
    program: compileCel(textOf(at(condition, "expression")) ?? ""),
  }));
}

function placeOf(clientConfig: unknown): WebhookPlace {
  const url = textOf(at(clientConfig, "url")) ?? "";
  if (url !== "") return { kind: "url", url };
  const service = at(clientConfig, "service");
  const path = textOf(at(service, "path")) ?? "/";
  return {
    kind: "service",
    namespace: textOf(at(service, "namespace")) ?? "",
    name: textOf(at(service, "name")) ?? "",
    path: path.startsWith("/") ? path : `/${path}`,
    port: numberOf(at(service, "port")) ?? HTTPS_PORT,
  };
}
