import {
  at,
  fieldsOf,
  forbiddenField,
  invalidValue,
  listOf,
  notSupported,
  own,
  required,
  sameJson,
  subdomainNameFault,
  textOf,
  type FieldError,
  type KubeObject,
} from "@slash28/kube-store";

import { checkPodChange, checkPodSpec, oneOf } from "./check-pod.ts";
import { checkService } from "./check-service.ts";
import { checkSigningRequest } from "./check-signing-request.ts";
import { checkPolicy, checkPolicyBinding, checkWebhooks } from "./check-webhooks.ts";
import { checkRuleTexts } from "./check-rules.ts";
import { checkCronJob, checkJob, checkWorkload, unchanged } from "./check-workload.ts";

type Check = (object: KubeObject, before: KubeObject | undefined) => readonly FieldError[];

const CHECKS: Readonly<Record<string, Check>> = {
  pods: (pod, before) => (before === undefined ? checkNewPod(pod) : checkPodChange(before, pod)),
  services: checkService,
  nodes: checkNode,
  configmaps: (map, before) => checkImmutable(map, before, ["data", "binaryData"]),
  secrets: (secret, before) => [
    ...checkImmutable(secret, before, ["data"]),
    ...(before === undefined ? [] : unchanged(before, secret, "type")),
    ...checkSecretData(secret),
  ],
  "deployments.apps": checkWorkload,
  "replicasets.apps": checkWorkload,
  "daemonsets.apps": checkWorkload,
  "statefulsets.apps": checkWorkload,
  "jobs.batch": checkJob,
  "cronjobs.batch": checkCronJob,
  "leases.coordination.k8s.io": checkLease,
  "certificatesigningrequests.certificates.k8s.io": checkSigningRequest,
  "mutatingwebhookconfigurations.admissionregistration.k8s.io": checkWebhooks,
  "validatingwebhookconfigurations.admissionregistration.k8s.io": checkWebhooks,
  "validatingadmissionpolicies.admissionregistration.k8s.io": checkPolicy,
  "validatingadmissionpolicybindings.admissionregistration.k8s.io": checkPolicyBinding,
  "customresourcedefinitions.apiextensions.k8s.io": checkCrd,
  "endpointslices.discovery.k8s.io": (slice, before) => [
    ...oneOf(slice["addressType"], "addressType", ["IPv4", "IPv6", "FQDN"]),
    ...(before === undefined ? [] : unchanged(before, slice, "addressType")),
  ],
};

/** What is wrong with an object of a built-in type apart from its metadata; `before` is what an update replaces. */
export function checkKind(storage: string, object: KubeObject, before: KubeObject | undefined): readonly FieldError[] {
  return CHECKS[storage]?.(object, before) ?? [];
}

function checkNewPod(pod: KubeObject): readonly FieldError[] {
  const added = listOf(at(pod, "spec", "ephemeralContainers"));
  return [
    ...checkPodSpec(fieldsOf(pod["spec"]), "spec"),
    ...(added.length === 0 ? [] : [forbiddenField("spec.ephemeralContainers", "cannot be set on create")]),
  ];
}

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

function checkNode(node: KubeObject, before: KubeObject | undefined): readonly FieldError[] {
  const providerId = textOf(at(before, "spec", "providerID")) ?? "";
  return [
    ...listOf(at(node, "spec", "taints")).flatMap((taint, index) => [
      ...((textOf(at(taint, "key")) ?? "") === "" ? [required(`metadata.taints[${index}].key`)] : []),
      ...oneOf(at(taint, "effect") ?? "", `metadata.taints[${index}].effect`, EFFECTS),
    ]),
    ...(before !== undefined && providerId !== "" ? unchanged(before, node, "spec.providerID") : []),
  ];
}

function checkImmutable(object: KubeObject, before: KubeObject | undefined, parts: readonly string[]): readonly FieldError[] {
  if (before?.["immutable"] !== true) return [];
  const isSame = object["immutable"] === true && parts.every((part) => sameJson(before[part], object[part]));
  return isSame ? [] : [forbiddenField(parts[0] ?? "", "field is immutable when `immutable` is set")];
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function checkSecretData(secret: KubeObject): readonly FieldError[] {
  return Object.entries(fieldsOf(secret["data"])).flatMap(([name, value]) =>
    typeof value === "string" && BASE64.test(value.replaceAll("\n", ""))
      ? []
      : [invalidValue(`data[${name}]`, value, "must be base64 text; use stringData for plain text")],
  );
}

function checkLease(lease: KubeObject): readonly FieldError[] {
  const seconds = at(lease, "spec", "leaseDurationSeconds");
  return seconds === undefined || Number(seconds) > 0 ? [] : [invalidValue("spec.leaseDurationSeconds", seconds, "must be greater than 0")];
}

function checkCrd(crd: KubeObject, before: KubeObject | undefined): readonly FieldError[] {
  const spec = fieldsOf(crd["spec"]);
  const names = fieldsOf(own(spec, "names"));
  const versions = listOf(own(spec, "versions"));
  const group = textOf(own(spec, "group")) ?? "";
  const plural = textOf(own(names, "plural")) ?? "";
  const errors: FieldError[] = [];
  if (group === "") errors.push(required("spec.group"));
  else if (subdomainNameFault(group) !== undefined || !group.includes("."))
    errors.push(invalidValue("spec.group", group, "should be a domain with at least one dot"));
  for (const name of ["plural", "kind"]) if ((textOf(own(names, name)) ?? "") === "") errors.push(required(`spec.names.${name}`));
  if (!["Namespaced", "Cluster"].includes(String(own(spec, "scope"))))
    errors.push(notSupported("spec.scope", own(spec, "scope") ?? "", ["Cluster", "Namespaced"]));
  if (crd.metadata.name !== `${plural}.${group}`) {
    errors.push(invalidValue("metadata.name", crd.metadata.name, 'must be spec.names.plural+"."+spec.group'));
  }
  if (versions.filter((version) => at(version, "storage") === true).length !== 1) {
    errors.push(
      invalidValue(
        "spec.versions",
        versions.map((version) => at(version, "name")),
        "must have exactly one version marked as storage version",
      ),
    );
  }
  versions.forEach((version, index) => {
    if (at(version, "schema", "openAPIV3Schema") === undefined)
      errors.push(required(`spec.versions[${index}].schema.openAPIV3Schema`, "schemas are required"));
    errors.push(...checkRuleTexts(at(version, "schema", "openAPIV3Schema"), `spec.versions[${index}].schema.openAPIV3Schema`));
  });
  if (before !== undefined)
    for (const path of ["spec.group", "spec.scope", "spec.names.plural", "spec.names.kind"]) errors.push(...unchanged(before, crd, path));
  return errors;
}
