import { parseAddress } from "@slash28/address";
import {
  at,
  duplicate,
  fieldsOf,
  invalidValue,
  listOf,
  notSupported,
  own,
  textOf,
  type FieldError,
  type Fields,
  type KubeObject,
} from "@slash28/kube-store";

/** As `spec.ipFamilies` has it. */
export type IpFamily = "IPv4" | "IPv6";

export type FamilyOutcome =
  | { readonly ok: true; readonly fields: { readonly ipFamilyPolicy: string; readonly ipFamilies: readonly string[] } }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

const FAMILIES: readonly string[] = ["IPv4", "IPv6"];
const POLICIES = ["PreferDualStack", "RequireDualStack", "SingleStack"];

/** What of a service decides on its families. */
interface Asked {
  readonly policy: string;
  readonly families: readonly string[];
  /** `None` alone for a headless one. */
  readonly addresses: readonly string[];
  /** Whoever makes the endpoints of a headless service without a selector decides on their families. */
  readonly isOpen: boolean;
}

/**
 * The families of a service in a cluster that has one; what it asks for beyond that is refused in the words of kube-apiserver
 * (kubernetes/pkg/registry/core/service/storage/alloc.go, `initIPFamilyFields`).
 */
export function serviceFamilies(spec: Fields, before: KubeObject | undefined, cluster: IpFamily): FamilyOutcome {
  const asked = readAsked(spec, before);
  const malformed = [...checkFamilies(asked), ...checkAddresses(asked)];
  if (malformed.length > 0) return { ok: false, errors: malformed };
  const unfit = [...checkSingle(asked), ...checkStrayAddresses(asked, cluster)];
  if (unfit.length > 0) return { ok: false, errors: unfit };
  const { policy } = asked;
  const families = asked.families.length > 0 ? asked.families : [cluster];
  if (asked.isOpen) return { ok: true, fields: { ipFamilyPolicy: policy, ipFamilies: openFamilies(policy, families) } };
  const missing = checkConfigured(policy, families, cluster);
  return missing.length > 0 ? { ok: false, errors: missing } : { ok: true, fields: { ipFamilyPolicy: policy, ipFamilies: families } };
}

function readAsked(spec: Fields, before: KubeObject | undefined): Asked {
  const addresses = listOf(own(spec, "clusterIPs")).map(String);
  const first = textOf(own(spec, "clusterIP")) ?? "";
  const isOpen = first === "None" && Object.keys(fieldsOf(own(spec, "selector"))).length === 0;
  const policy = textOf(own(spec, "ipFamilyPolicy")) ?? textOf(at(before, "spec", "ipFamilyPolicy"));
  return {
    policy: policy ?? (isOpen ? "RequireDualStack" : "SingleStack"),
    families: listOf(own(spec, "ipFamilies")).map(String),
    addresses: addresses.length > 0 || first === "" ? addresses : [first],
    isOpen,
  };
}

function checkFamilies({ policy, families }: Asked): readonly FieldError[] {
  return [
    ...families.flatMap((family, index) => {
      if (!FAMILIES.includes(family)) return [notSupported(`spec.ipFamilies[${index}]`, family, FAMILIES)];
      return families.indexOf(family) < index ? [duplicate(`spec.ipFamilies[${index}]`, family)] : [];
    }),
    ...(POLICIES.includes(policy) ? [] : [notSupported("spec.ipFamilyPolicy", policy, POLICIES)]),
  ];
}

/** Addresses by themselves, then against each other and the families named with them. */
function checkAddresses({ addresses, families }: Asked): readonly FieldError[] {
  if (addresses[0] === "None")
    return addresses.length > 1 ? [invalidValue("spec.clusterIPs", addresses, "'None' must be the first and only value")] : [];
  const strange = addresses.flatMap((address, index) =>
    parseAddress(address) === undefined
      ? [invalidValue(`spec.clusterIPs[${index}]`, address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
      : [],
  );
  const errors = addresses.length > 2 ? [...strange, invalidValue("spec.clusterIPs", addresses, "may only hold up to 2 values")] : strange;
  if (strange.length > 0) return errors;
  const isDouble = addresses.length > 1 && new Set(addresses.map(familyOf)).size < addresses.length;
  return [
    ...errors,
    ...(isDouble ? [invalidValue("spec.clusterIPs", addresses, "may specify no more than one IP for each IP family")] : []),
    ...addresses.flatMap((address, index) => {
      const family = families[index];
      if (family === undefined || family === familyOf(address)) return [];
      return [invalidValue(`spec.clusterIPs[${index}]`, address, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``)];
    }),
  ];
}

function checkSingle({ policy, families, addresses }: Asked): readonly FieldError[] {
  if (policy !== "SingleStack") return [];
  const why = (what: string): string => `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
  return [
    ...(addresses.length === 2 ? [invalidValue("spec.ipFamilyPolicy", policy, why("cluster IPs"))] : []),
    ...(families.length === 2 ? [invalidValue("spec.ipFamilyPolicy", policy, why("IP families"))] : []),
  ];
}

/** Addresses whose family nobody named: the service has that family then, where the cluster has it. */
function checkStrayAddresses({ families, addresses }: Asked, cluster: IpFamily): readonly FieldError[] {
  return addresses.flatMap((address, index) => {
    if (address === "None" || index < families.length || familyOf(address) === cluster) return [];
    return [invalidValue(`spec.clusterIPs[${index}]`, addresses, `${familyOf(address)} is not configured on this cluster`)];
  });
}

function openFamilies(policy: string, families: readonly string[]): readonly string[] {
  if (policy === "SingleStack" || families.length > 1) return families;
  return [...families, ...FAMILIES.filter((family) => !families.includes(family))];
}

function checkConfigured(policy: string, families: readonly string[], cluster: IpFamily): readonly FieldError[] {
  const isDemanding = policy === "RequireDualStack";
  return [
    ...(isDemanding ? [invalidValue("spec.ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services")] : []),
    ...families.flatMap((family, index) =>
      family === cluster ? [] : [invalidValue(`spec.ipFamilies[${index}]`, family, "not configured on this cluster")],
    ),
  ];
}

function familyOf(address: string): IpFamily {
  return parseAddress(address)?.family === 6 ? "IPv6" : "IPv4";
}
