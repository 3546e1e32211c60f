import {
  at,
  duplicate,
  fieldsOf,
  forbiddenField,
  invalidValue,
  labelNameFault,
  listOf,
  own,
  required,
  subdomainNameFault,
  textOf,
  type FieldError,
  type Fields,
  type KubeObject,
} from "@slash28/kube-store";

import { oneOf, portNumber } from "./check-pod.ts";
import { hasNodePorts, isReachable } from "./service-type.ts";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const POLICIES = ["Cluster", "Local"];
const DISTRIBUTIONS = ["PreferClose", "PreferSameZone", "PreferSameNode"];
const STICKY_SECONDS_MAX = 86_400;

/** What is wrong with a Service, in the API server's words. https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ */
export function checkService(service: KubeObject, before: KubeObject | undefined): readonly FieldError[] {
  const spec = fieldsOf(service["spec"]);
  return [
    ...oneOf(own(spec, "type"), "spec.type", TYPES),
    ...checkAddress(spec, before),
    ...checkPorts(spec),
    ...checkExternalName(spec),
    ...checkAffinity(spec),
    ...checkTraffic(spec),
  ];
}

function checkAddress(spec: Fields, before: KubeObject | undefined): readonly FieldError[] {
  const type = own(spec, "type");
  const address = textOf(own(spec, "clusterIP")) ?? "";
  const first = textOf(listOf(own(spec, "clusterIPs"))[0]);
  const isOutside = type === "ExternalName";
  const errors: FieldError[] = [];
  if (isOutside && address !== "" && address !== "None")
    errors.push(forbiddenField("spec.clusterIPs", "may not be set when `type` is 'ExternalName'"));
  if (address === "None" && hasNodePorts(spec))
    errors.push(invalidValue("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${String(type)} services`));
  if (!isOutside && first !== undefined && address !== "" && first !== address)
    errors.push(invalidValue("spec.clusterIPs", own(spec, "clusterIPs"), "first value must match `clusterIP`"));
  const was = addressBefore(before);
  if (was !== "" && !isOutside && address !== was) errors.push(invalidValue("spec.clusterIPs[0]", address, "may not change once set"));
  return errors;
}

function addressBefore(before: KubeObject | undefined): string {
  return at(before, "spec", "type") === "ExternalName" ? "" : (textOf(at(before, "spec", "clusterIP")) ?? "");
}

function checkPorts(spec: Fields): readonly FieldError[] {
  const ports = listOf(own(spec, "ports"));
  const needsPorts = own(spec, "clusterIP") !== "None" && own(spec, "type") !== "ExternalName";
  if (ports.length === 0) return needsPorts ? [required("spec.ports")] : [];
  return [
    ...ports.flatMap((port, index) => checkPort(spec, port, `spec.ports[${index}]`, ports.length > 1)),
    ...repeated(
      ports,
      (port) => textOf(at(port, "name")) ?? "",
      (index) => `spec.ports[${index}].name`,
    ),
    ...repeatedSockets(ports),
  ];
}

function checkPort(spec: Fields, port: unknown, path: string, needsName: boolean): readonly FieldError[] {
  const name = textOf(at(port, "name")) ?? "";
  const target = at(port, "targetPort");
  const nodePort = at(port, "nodePort");
  const errors: FieldError[] = [
    ...portNumber(at(port, "port"), `${path}.port`),
    ...oneOf(at(port, "protocol"), `${path}.protocol`, ["TCP", "UDP", "SCTP"]),
  ];
  if (name === "" && needsName) errors.push(required(`${path}.name`));
  const fault = name === "" ? undefined : labelNameFault(name);
  if (fault !== undefined) errors.push(invalidValue(`${path}.name`, name, fault));
  if (typeof target === "number") errors.push(...portNumber(target, `${path}.targetPort`));
  const isInside = own(spec, "type") === "ClusterIP" || own(spec, "type") === "ExternalName";
  if (typeof nodePort === "number" && nodePort !== 0 && isInside)
    errors.push(forbiddenField(`${path}.nodePort`, `may not be used when \`type\` is '${textOf(own(spec, "type")) ?? ""}'`));
  return errors;
}

function repeated(items: readonly unknown[], keyOf: (item: unknown) => string, path: (index: number) => string): readonly FieldError[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const key = keyOf(item);
    if (key === "" || !seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [duplicate(path(index), key)];
  });
}

/** Two ports of one number and protocol could not be told apart; nor could two node ports. */
function repeatedSockets(ports: readonly unknown[]): readonly FieldError[] {
  const seen = new Set<string>();
  return ports.flatMap((port, index) => {
    const protocol = textOf(at(port, "protocol")) ?? "TCP";
    const nodePort = Number(at(port, "nodePort") ?? 0);
    const shown = { protocol, port: at(port, "port") };
    const errors: FieldError[] = [];
    for (const [key, path, value] of [
      [`port ${protocol} ${String(at(port, "port"))}`, `spec.ports[${index}]`, shown],
      ...(nodePort > 0 ? ([[`node ${protocol} ${nodePort}`, `spec.ports[${index}].nodePort`, nodePort]] as const) : []),
    ] as const) {
      if (seen.has(key)) errors.push(duplicate(path, value));
      seen.add(key);
    }
    return errors;
  });
}

function checkExternalName(spec: Fields): readonly FieldError[] {
  if (own(spec, "type") !== "ExternalName") return [];
  const name = textOf(own(spec, "externalName")) ?? "";
  if (name === "") return [required("spec.externalName")];
  const fault = subdomainNameFault(name.replace(/\.$/, ""));
  return fault === undefined ? [] : [invalidValue("spec.externalName", name, fault)];
}

function checkAffinity(spec: Fields): readonly FieldError[] {
  const affinity = own(spec, "sessionAffinity");
  const errors: FieldError[] = [...oneOf(affinity, "spec.sessionAffinity", ["ClientIP", "None"])];
  const seconds = at(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds");
  if (typeof seconds === "number" && (seconds <= 0 || seconds > STICKY_SECONDS_MAX)) {
    const path = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
    errors.push(invalidValue(path, seconds, `must be greater than 0 and less than ${STICKY_SECONDS_MAX}`));
  }
  return errors;
}

function checkTraffic(spec: Fields): readonly FieldError[] {
  const type = own(spec, "type");
  const external = own(spec, "externalTrafficPolicy");
  const errors: FieldError[] = [
    ...oneOf(own(spec, "internalTrafficPolicy"), "spec.internalTrafficPolicy", POLICIES),
    ...oneOf(external, "spec.externalTrafficPolicy", POLICIES),
    ...oneOf(own(spec, "trafficDistribution"), "spec.trafficDistribution", DISTRIBUTIONS),
  ];
  if (external !== undefined && !isReachable(spec))
    errors.push(invalidValue("spec.externalTrafficPolicy", external, "may only be set for externally-accessible services"));
  const health = own(spec, "healthCheckNodePort");
  if (typeof health === "number" && health !== 0 && !(type === "LoadBalancer" && external === "Local")) {
    const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalidValue("spec.healthCheckNodePort", health, why));
  }
  for (const field of ["loadBalancerClass", "allocateLoadBalancerNodePorts"]) {
    if (own(spec, field) !== undefined && type !== "LoadBalancer")
      errors.push(forbiddenField(`spec.${field}`, "may only be used when `type` is 'LoadBalancer'"));
  }
  return errors;
}
