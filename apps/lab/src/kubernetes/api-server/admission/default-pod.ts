import { at, fieldsOf, isFields, listOf, own, textOf, withField, type Fields } from "@slash28/kube-store";

/** Fields filled in where they are missing. */
export function fill(fields: Fields, defaults: Fields): Fields {
  let filled = fields;
  for (const [name, value] of Object.entries(defaults)) if (own(filled, name) === undefined) filled = withField(filled, name, value);
  return filled;
}

/** The list with each item changed; the same list when nothing changes, or when there is none. */
export function eachOf(fields: Fields, name: string, change: (item: Fields) => Fields): Fields {
  const list = own(fields, name);
  if (!Array.isArray(list)) return fields;
  const changed = list.map((item: unknown) => (isFields(item) ? change(item) : item));
  return changed.every((item, index) => item === list[index]) ? fields : withField(fields, name, changed);
}

/** The object with the object in one of its fields changed; left alone when there is none. */
export function within(fields: Fields, name: string, change: (inner: Fields) => Fields): Fields {
  const inner = own(fields, name);
  return isFields(inner) ? withField(fields, name, change(inner)) : fields;
}

/** What upstream's defaulting adds to a pod's spec (k8s.io/kubernetes pkg/apis/core/v1/defaults.go). */
export function defaultPodSpec(spec: Fields): Fields {
  let filled = fill(spec, {
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    securityContext: {},
    schedulerName: "default-scheduler",
  });
  if (own(filled, "hostNetwork") === true) filled = eachOf(filled, "containers", defaultHostPorts);
  const account = textOf(own(filled, "serviceAccountName")) ?? textOf(own(filled, "serviceAccount"));
  if (account !== undefined) filled = fill(filled, { serviceAccountName: account, serviceAccount: account });
  filled = eachOf(filled, "containers", defaultContainer);
  filled = eachOf(filled, "initContainers", defaultContainer);
  filled = eachOf(filled, "ephemeralContainers", defaultContainer);
  return eachOf(filled, "volumes", defaultVolume);
}

function defaultHostPorts(container: Fields): Fields {
  return eachOf(container, "ports", (port) => fill(port, { hostPort: own(port, "containerPort") }));
}

function defaultContainer(container: Fields): Fields {
  let filled = fill(container, {
    resources: {},
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: pullPolicy(textOf(own(container, "image")) ?? ""),
  });
  filled = eachOf(filled, "ports", (port) => fill(port, { protocol: "TCP" }));
  filled = eachOf(filled, "env", (variable) =>
    within(variable, "valueFrom", (from) => within(from, "fieldRef", (ref) => fill(ref, { apiVersion: "v1" }))),
  );
  filled = within(filled, "resources", defaultRequests);
  for (const probe of ["livenessProbe", "readinessProbe", "startupProbe"]) filled = within(filled, probe, defaultProbe);
  return within(filled, "lifecycle", (hooks) => within(within(hooks, "preStop", defaultHandler), "postStart", defaultHandler));
}

/** Limits without a request ask for as much as they allow. */
function defaultRequests(resources: Fields): Fields {
  const limits = own(resources, "limits");
  return isFields(limits) ? withField(resources, "requests", fill(fieldsOf(own(resources, "requests")), limits)) : resources;
}

function defaultProbe(probe: Fields): Fields {
  const filled = fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  return within(defaultHandler(filled), "grpc", (grpc) => fill(grpc, { service: "" }));
}

function defaultHandler(handler: Fields): Fields {
  return within(handler, "httpGet", (get) => fill(get, { path: "/", scheme: "HTTP" }));
}

function pullPolicy(image: string): "Always" | "IfNotPresent" {
  const name = image.slice(image.lastIndexOf("/") + 1);
  if (name.includes("@")) return "IfNotPresent";
  return name.includes(":") && !name.endsWith(":latest") ? "IfNotPresent" : "Always";
}

const OWNER_READABLE = 0o644;

function defaultVolume(volume: Fields): Fields {
  const sources = Object.keys(volume).filter((name) => name !== "name");
  let filled = sources.length === 0 ? withField(volume, "emptyDir", {}) : volume;
  for (const name of ["configMap", "secret", "downwardAPI", "projected"])
    filled = within(filled, name, (source) => fill(source, { defaultMode: OWNER_READABLE }));
  filled = within(filled, "hostPath", (source) => fill(source, { type: "" }));
  filled = within(filled, "downwardAPI", (source) => eachOf(source, "items", defaultFieldRef));
  return within(filled, "projected", (source) => eachOf(source, "sources", defaultProjection));
}

function defaultFieldRef(item: Fields): Fields {
  return within(item, "fieldRef", (ref) => fill(ref, { apiVersion: "v1" }));
}

function defaultProjection(source: Fields): Fields {
  const token = within(source, "serviceAccountToken", (token) => fill(token, { expirationSeconds: 3600 }));
  return within(token, "downwardAPI", (api) => eachOf(api, "items", defaultFieldRef));
}

/** Quality of service class of a pod's spec, which eviction order and `kubectl describe` go by. */
export function qosClassOf(spec: Fields): "Guaranteed" | "Burstable" | "BestEffort" {
  const containers = [...listOf(own(spec, "containers")), ...listOf(own(spec, "initContainers"))];
  const asks = containers.flatMap((container) =>
    ["cpu", "memory"].map((name) => ({
      request: at(container, "resources", "requests", name),
      limit: at(container, "resources", "limits", name),
    })),
  );
  if (asks.every(({ request, limit }) => request === undefined && limit === undefined)) return "BestEffort";
  return asks.every(({ request, limit }) => limit !== undefined && (request === undefined || request === limit))
    ? "Guaranteed"
    : "Burstable";
}
