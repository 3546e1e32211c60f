import {
  at,
  duplicate,
  fieldsOf,
  forbiddenField,
  invalidValue,
  labelNameFault,
  listOf,
  notSupported,
  numberOf,
  own,
  parseQuantity,
  required,
  sameJson,
  textOf,
  type FieldError,
  type Fields,
  type KubeObject,
} from "@slash28/kube-store";

const RESTART_POLICIES = ["Always", "OnFailure", "Never"];
const DNS_POLICIES = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];
const PROTOCOLS = ["TCP", "UDP", "SCTP"];
const VARIABLE = /^[^=\0]+$/;

/** What is wrong with a pod's spec, or with the one in a template. */
export function checkPodSpec(spec: Fields, path: string): readonly FieldError[] {
  const containers = listOf(own(spec, "containers"));
  const volumes = listOf(own(spec, "volumes"));
  const volumeNames = new Set(volumes.map((volume) => textOf(at(volume, "name")) ?? ""));
  return [
    ...(containers.length === 0 ? [required(`${path}.containers`)] : []),
    ...checkContainers(containers, `${path}.containers`, volumeNames),
    ...checkContainers(listOf(own(spec, "initContainers")), `${path}.initContainers`, volumeNames),
    ...checkNames(volumes, `${path}.volumes`),
    ...oneOf(own(spec, "restartPolicy"), `${path}.restartPolicy`, RESTART_POLICIES),
    ...oneOf(own(spec, "dnsPolicy"), `${path}.dnsPolicy`, DNS_POLICIES),
    ...notNegative(own(spec, "terminationGracePeriodSeconds"), `${path}.terminationGracePeriodSeconds`),
    ...deadline(own(spec, "activeDeadlineSeconds"), `${path}.activeDeadlineSeconds`),
  ];
}

export function oneOf(value: unknown, path: string, allowed: readonly string[]): readonly FieldError[] {
  return value === undefined || allowed.some((one) => one === value) ? [] : [notSupported(path, value, allowed)];
}

export function notNegative(value: unknown, path: string): readonly FieldError[] {
  if (value === undefined || (Number.isInteger(value) && (numberOf(value) ?? 0) >= 0)) return [];
  return [invalidValue(path, value, "must be greater than or equal to 0")];
}

const DEADLINE_MAX = 2 ** 31 - 1;

function deadline(value: unknown, path: string): readonly FieldError[] {
  const seconds = numberOf(value);
  if (value === undefined || (seconds !== undefined && Number.isInteger(seconds) && seconds >= 1 && seconds <= DEADLINE_MAX)) return [];
  return [invalidValue(path, value, `must be between 1 and ${DEADLINE_MAX}, inclusive`)];
}

export function portNumber(value: unknown, path: string): readonly FieldError[] {
  const port = numberOf(value);
  if (port === undefined) return [required(path)];
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? [] : [invalidValue(path, value, "must be between 1 and 65535, inclusive")];
}

function checkNames(items: readonly unknown[], path: string): readonly FieldError[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const name = textOf(at(item, "name")) ?? "";
    const where = `${path}[${index}].name`;
    if (name === "") return [required(where)];
    const fault = labelNameFault(name);
    if (fault !== undefined) return [invalidValue(where, name, fault)];
    if (seen.has(name)) return [duplicate(where, name)];
    seen.add(name);
    return [];
  });
}

export function checkContainers(containers: readonly unknown[], path: string, volumes: ReadonlySet<string>): readonly FieldError[] {
  return [
    ...checkNames(containers, path),
    ...containers.flatMap((container, index) => checkContainer(fieldsOf(container), `${path}[${index}]`, volumes)),
  ];
}

function checkContainer(container: Fields, path: string, volumes: ReadonlySet<string>): readonly FieldError[] {
  const image = textOf(own(container, "image")) ?? "";
  return [
    ...(image === "" ? [required(`${path}.image`)] : []),
    ...(image !== image.trim() ? [invalidValue(`${path}.image`, image, "must not have leading or trailing whitespace")] : []),
    ...oneOf(own(container, "imagePullPolicy"), `${path}.imagePullPolicy`, PULL_POLICIES),
    ...listOf(own(container, "ports")).flatMap((port, index) => [
      ...portNumber(at(port, "containerPort"), `${path}.ports[${index}].containerPort`),
      ...oneOf(at(port, "protocol"), `${path}.ports[${index}].protocol`, PROTOCOLS),
    ]),
    ...listOf(own(container, "env")).flatMap((variable, index) => checkVariable(fieldsOf(variable), `${path}.env[${index}]`)),
    ...listOf(own(container, "volumeMounts")).flatMap((mount, index) =>
      checkMount(fieldsOf(mount), `${path}.volumeMounts[${index}]`, volumes),
    ),
    ...checkAmounts(at(container, "resources", "requests"), `${path}.resources.requests`),
    ...checkAmounts(at(container, "resources", "limits"), `${path}.resources.limits`),
    ...checkLimits(container, path),
  ];
}

function checkVariable(variable: Fields, path: string): readonly FieldError[] {
  const name = textOf(own(variable, "name")) ?? "";
  if (name === "") return [required(`${path}.name`)];
  if (!VARIABLE.test(name))
    return [
      invalidValue(
        `${path}.name`,
        name,
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ),
    ];
  const value = own(variable, "value");
  if (value !== undefined && typeof value !== "string") return [invalidValue(`${path}.value`, value, "must be a string; put it in quotes")];
  if (value !== undefined && value !== "" && own(variable, "valueFrom") !== undefined) {
    return [invalidValue(`${path}.valueFrom`, "", "may not be specified when `value` is not empty")];
  }
  return [];
}

function checkMount(mount: Fields, path: string, volumes: ReadonlySet<string>): readonly FieldError[] {
  const name = textOf(own(mount, "name")) ?? "";
  if (name === "") return [required(`${path}.name`)];
  const errors: FieldError[] = [];
  if (!volumes.has(name))
    errors.push({ field: `${path}.name`, reason: "FieldValueInvalid", message: `Not found: ${JSON.stringify(name)}` });
  if ((textOf(own(mount, "mountPath")) ?? "") === "") errors.push(required(`${path}.mountPath`));
  return errors;
}

function checkAmounts(amounts: unknown, path: string): readonly FieldError[] {
  return Object.entries(fieldsOf(amounts)).flatMap(([name, amount]) => {
    const parsed = parseQuantity(amount);
    if (parsed === undefined) {
      return [
        invalidValue(
          `${path}[${name}]`,
          amount,
          "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
      ];
    }
    return parsed < 0 ? [invalidValue(`${path}[${name}]`, amount, "must be greater than or equal to 0")] : [];
  });
}

function checkLimits(container: Fields, path: string): readonly FieldError[] {
  const limits = fieldsOf(at(container, "resources", "limits"));
  return Object.entries(fieldsOf(at(container, "resources", "requests"))).flatMap(([name, request]) => {
    const limit = parseQuantity(limits[name]);
    const asked = parseQuantity(request);
    if (limit === undefined || asked === undefined || asked <= limit) return [];
    return [invalidValue(`${path}.resources.requests`, request, `must be less than or equal to ${name} limit of ${String(limits[name])}`)];
  });
}

const MUTABLE =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
  "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/** A running pod's spec is fixed but for its images and a few more fields. */
export function checkPodChange(before: KubeObject, after: KubeObject): readonly FieldError[] {
  return [
    ...checkDeadlineChange(before, after),
    ...(sameJson(fixedPart(before), fixedPart(after)) ? [] : [forbiddenField("spec", MUTABLE)]),
  ];
}

/** A deadline may be set or come closer; it may not be put off or taken away. */
function checkDeadlineChange(before: KubeObject, after: KubeObject): readonly FieldError[] {
  const path = "spec.activeDeadlineSeconds";
  const [old, now] = [before, after].map((pod) => at(pod, "spec", "activeDeadlineSeconds"));
  if (old === undefined) return deadline(now, path);
  if (now === undefined) return [invalidValue(path, null, "must not update from a positive integer to nil value")];
  const isLater = (numberOf(now) ?? 0) > (numberOf(old) ?? 0);
  return isLater ? [invalidValue(path, now, "must be less than or equal to previous value")] : deadline(now, path);
}

function fixedPart(pod: KubeObject): Fields {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, schedulingGates: _gates, ...spec } = fieldsOf(pod["spec"]);
  const imageless = (list: unknown): readonly Fields[] => listOf(list).map((container) => ({ ...fieldsOf(container), image: "" }));
  return { ...spec, containers: imageless(spec["containers"]), initContainers: imageless(spec["initContainers"]) };
}
