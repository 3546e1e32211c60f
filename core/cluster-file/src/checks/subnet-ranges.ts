import { cidr4, cidr4Contains, cidr4Overlaps, cidr4Size, formatCidr4, type Cidr4 } from "@slash28/address";
import type { ClusterFileProblem } from "../problem.ts";
import type { ClusterSubnet } from "../schema.ts";

type Path = readonly (string | number)[];

/** A subnet with the place where it stands in the file. */
export interface PlacedSubnet {
  readonly path: Path;
  readonly subnet: ClusterSubnet;
}

/** EC2 keeps the first four addresses of a subnet and the last. */
const KEPT_BY_EC2 = 5;
const PREFIX_LENGTH = 28;

/** What is wrong with a subnet, beside others that come before it. */
export function subnetProblems(
  { path, subnet }: PlacedSubnet,
  around: { readonly region: string; readonly cidrs: readonly string[]; readonly before: readonly PlacedSubnet[] },
): ClusterFileProblem[] {
  const range = cidr4(subnet.cidr);
  const text = formatCidr4(range);
  const at = (field: string): Path => [...path, field];
  const problems: ClusterFileProblem[] = [];
  if (range.length < 16 || range.length > 28) problems.push({ path: at("cidr"), message: `${text}: EC2 allows subnets from /16 to /28` });
  if (!around.cidrs.some((cidr) => cidr4Contains(cidr4(cidr), range)))
    problems.push({ path: at("cidr"), message: `${text} lies in no CIDR of the VPC (${around.cidrs.join(", ")})` });
  const twin = around.before.find((other) => cidr4Overlaps(cidr4(other.subnet.cidr), range));
  if (twin !== undefined) problems.push({ path: at("cidr"), message: `${text} overlaps ${placeText(twin.path)}` });
  if (!isZoneOf(around.region, subnet.zone))
    problems.push({
      path: at("zone"),
      message: `zone ${subnet.zone} is not in Region ${around.region}; its zones are called ${around.region}a, ${around.region}b, …`,
    });
  const { name } = subnet;
  if (name !== undefined && around.before.some((other) => other.subnet.name === name))
    problems.push({ path: at("name"), message: `subnet ${name} stands twice` });
  return [...problems, ...reservationProblems(path, subnet, range), ...tenantProblems(path, subnet, range)];
}

function reservationProblems(path: Path, { reservations = [] }: ClusterSubnet, range: Cidr4): ClusterFileProblem[] {
  return reservations.flatMap((reservation, index) => {
    const reserved = cidr4(reservation.cidr);
    const at = [...path, "reservations", index, "cidr"];
    const problems: ClusterFileProblem[] = [];
    if (!cidr4Contains(range, reserved))
      problems.push({ path: at, message: `${reservation.cidr} does not lie in the subnet ${formatCidr4(range)}` });
    if (reservation.type === "prefix" && reserved.length > PREFIX_LENGTH)
      problems.push({ path: at, message: `${reservation.cidr} has no room for a prefix: a reservation for prefixes is a /28 or larger` });
    const twin = reservations.findIndex((other, before) => before < index && cidr4Overlaps(cidr4(other.cidr), reserved));
    if (twin >= 0) problems.push({ path: at, message: `${reservation.cidr} overlaps ${placeText([...path, "reservations", twin])}` });
    return problems;
  });
}

function tenantProblems(path: Path, { otherTenants }: ClusterSubnet, range: Cidr4): ClusterFileProblem[] {
  const room = cidr4Size(range) - KEPT_BY_EC2;
  if (otherTenants === undefined || otherTenants.addresses <= room) return [];
  const message = `${formatCidr4(range)} has ${room} addresses to give (EC2 keeps five), not ${otherTenants.addresses}`;
  return [{ path: [...path, "otherTenants", "addresses"], message }];
}

function isZoneOf(region: string, zone: string): boolean {
  return zone.startsWith(region) && /^[a-z]$/.test(zone.slice(region.length));
}

/** `vpc.subnets[1]`. */
export function placeText(path: Path): string {
  return path.map((part, at) => (typeof part === "number" ? `[${part}]` : at === 0 ? part : `.${part}`)).join("");
}
