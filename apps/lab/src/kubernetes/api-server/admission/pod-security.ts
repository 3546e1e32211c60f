import { at, fieldsOf, isFields, listOf, textOf, type KubeObject } from "@slash28/kube-store";

/** The levels of the Pod Security Standards, each stricter than the one before. */
export type SecurityLevel = "privileged" | "baseline" | "restricted";

const LEVELS = new Set(["privileged", "baseline", "restricted"]);
const LABEL = "pod-security.kubernetes.io/";

/** What a namespace's labels ask of its pods; `privileged` asks nothing. */
export function levelOf(namespace: KubeObject | undefined, mode: "enforce" | "warn"): SecurityLevel {
  const value = namespace?.metadata.labels?.[`${LABEL}${mode}`] ?? "";
  return LEVELS.has(value) ? (value as SecurityLevel) : "privileged";
}

/** As upstream words it after `violates` or `would violate`; `undefined` when the pod is of the level. */
export function violationText(level: SecurityLevel, podSpec: unknown): string | undefined {
  if (level === "privileged") return undefined;
  const pod = podOf(podSpec);
  const faults = [...BASELINE.flatMap((check) => check(pod)), ...(level === "restricted" ? RESTRICTED.flatMap((check) => check(pod)) : [])];
  return faults.length === 0 ? undefined : `PodSecurity "${level}:latest": ${faults.join(", ")}`;
}

interface PodParts {
  readonly spec: unknown;
  readonly containers: readonly { readonly name: string; readonly container: unknown; readonly context: unknown }[];
  readonly volumes: readonly unknown[];
}

type Check = (pod: PodParts) => readonly string[];

function podOf(spec: unknown): PodParts {
  const containers = ["containers", "initContainers", "ephemeralContainers"]
    .flatMap((part) => listOf(at(spec, part)))
    .map((container) => ({ name: textOf(at(container, "name")) ?? "", container, context: at(container, "securityContext") }));
  return { spec, containers, volumes: listOf(at(spec, "volumes")) };
}

type Part = PodParts["containers"][number];

function named(containers: readonly Part[]): string {
  const names = containers.map(({ name }) => JSON.stringify(name)).join(", ");
  return containers.length === 1 ? `container ${names}` : `containers ${names}`;
}

/** One fault that names every container it holds for. */
function ofContainers(title: string, must: string, holds: (part: Part) => boolean, prefix = ""): Check {
  return ({ containers }) => {
    const guilty = containers.filter(holds);
    return guilty.length === 0 ? [] : [`${title} (${prefix}${named(guilty)} ${must})`];
  };
}

const BASELINE_CAPABILITIES = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(" "),
);
const SAFE_SYSCTLS = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
]);

const hostNamespaces: Check = ({ spec }) => {
  const used = ["hostNetwork", "hostPID", "hostIPC"].filter((name) => at(spec, name) === true).map((name) => `${name}=true`);
  return used.length === 0 ? [] : [`host namespaces (${used.join(", ")})`];
};

const capabilities: Check = ({ containers }) => {
  const added = ({ context }: Part): readonly string[] =>
    listOf(at(context, "capabilities", "add"))
      .map(String)
      .filter((one) => !BASELINE_CAPABILITIES.has(one));
  const guilty = containers.filter((part) => added(part).length > 0);
  if (guilty.length === 0) return [];
  const all = [...new Set(guilty.flatMap(added))].sort().map((one) => JSON.stringify(one));
  return [`non-default capabilities (${named(guilty)} must not include ${all.join(", ")} in securityContext.capabilities.add)`];
};

const hostPaths: Check = ({ volumes }) => {
  const guilty = volumes.filter((volume) => isFields(at(volume, "hostPath"))).map((volume) => JSON.stringify(at(volume, "name")));
  return guilty.length === 0 ? [] : [`hostPath volumes (${guilty.length === 1 ? "volume" : "volumes"} ${guilty.join(", ")})`];
};

const hostPorts: Check = ({ containers, spec }) => {
  // With the host's network every port is one of the host, which is told above.
  if (at(spec, "hostNetwork") === true) return [];
  const portsOf = ({ container }: Part): readonly string[] =>
    listOf(at(container, "ports"))
      .map((port) => Number(at(port, "hostPort") ?? 0))
      .filter((port) => port > 0)
      .map(String);
  const guilty = containers.filter((part) => portsOf(part).length > 0);
  if (guilty.length === 0) return [];
  const ports = guilty.flatMap(portsOf);
  return [
    `hostPort (${named(guilty)} ${guilty.length === 1 ? "uses" : "use"} ${ports.length === 1 ? "hostPort" : "hostPorts"} ${ports.join(", ")})`,
  ];
};

const unconfined: Check = ({ spec, containers }) => {
  const isUnconfined = (context: unknown): boolean => at(context, "seccompProfile", "type") === "Unconfined";
  const guilty = containers.filter(({ context }) => isUnconfined(context));
  const who = [...(isUnconfined(at(spec, "securityContext")) ? ["pod"] : []), ...(guilty.length === 0 ? [] : [named(guilty)])];
  return who.length === 0 ? [] : [`seccompProfile (${who.join(" and ")} must not set securityContext.seccompProfile.type to "Unconfined")`];
};

const sysctls: Check = ({ spec }) => {
  const odd = listOf(at(spec, "securityContext", "sysctls"))
    .map((one) => String(at(one, "name")))
    .filter((name) => !SAFE_SYSCTLS.has(name));
  return odd.length === 0 ? [] : [`forbidden sysctls (${odd.join(", ")})`];
};

const BASELINE: readonly Check[] = [
  hostNamespaces,
  ofContainers("privileged", "must not set securityContext.privileged=true", ({ context }) => at(context, "privileged") === true),
  capabilities,
  hostPaths,
  hostPorts,
  ofContainers(
    "procMount",
    'must not set securityContext.procMount to "Unmasked"',
    ({ context }) => at(context, "procMount") === "Unmasked",
  ),
  unconfined,
  sysctls,
];

const PLAIN_VOLUMES = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

const volumeTypes: Check = ({ volumes }) => {
  const typeOf = (volume: unknown): string => Object.keys(fieldsOf(volume)).find((name) => name !== "name") ?? "emptyDir";
  const guilty = volumes.filter((volume) => !PLAIN_VOLUMES.has(typeOf(volume)));
  return guilty.length === 0
    ? []
    : [
        `restricted volume types (${guilty.map((volume) => `volume ${JSON.stringify(at(volume, "name"))} uses restricted volume type ${JSON.stringify(typeOf(volume))}`).join(", ")})`,
      ];
};

/** What a container must have set itself, or by the pod for all of them. */
function ofPodOrContainers(
  title: string,
  must: string,
  isGood: (context: unknown) => boolean,
  isBad: (context: unknown) => boolean,
): Check {
  return ({ spec, containers }) => {
    const isPodGood = isGood(at(spec, "securityContext"));
    const guilty = containers.filter(({ context }) => isBad(context) || (!isPodGood && !isGood(context)));
    return guilty.length === 0 ? [] : [`${title} (${isPodGood ? "" : "pod or "}${named(guilty)} ${must})`];
  };
}

const confined = (context: unknown): boolean => ["RuntimeDefault", "Localhost"].includes(String(at(context, "seccompProfile", "type")));

const RESTRICTED: readonly Check[] = [
  ofContainers(
    "allowPrivilegeEscalation != false",
    "must set securityContext.allowPrivilegeEscalation=false",
    ({ context }) => at(context, "allowPrivilegeEscalation") !== false,
  ),
  ofContainers(
    "unrestricted capabilities",
    'must set securityContext.capabilities.drop=["ALL"]',
    ({ context }) => !listOf(at(context, "capabilities", "drop")).includes("ALL"),
  ),
  volumeTypes,
  ofPodOrContainers(
    "runAsNonRoot != true",
    "must set securityContext.runAsNonRoot=true",
    (context) => at(context, "runAsNonRoot") === true,
    (context) => at(context, "runAsNonRoot") === false,
  ),
  ({ spec, containers }) => {
    const guilty = containers.filter(({ context }) => at(context, "runAsUser") === 0);
    const who = [...(at(spec, "securityContext", "runAsUser") === 0 ? ["pod"] : []), ...(guilty.length === 0 ? [] : [named(guilty)])];
    return who.length === 0 ? [] : [`runAsUser=0 (${who.join(" and ")} must not set runAsUser=0)`];
  },
  ofPodOrContainers(
    "seccompProfile",
    'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"',
    confined,
    (context) => at(context, "seccompProfile", "type") !== undefined && !confined(context),
  ),
];
