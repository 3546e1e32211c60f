import { checkNeeds, type Needs } from "@slash28/advisor";
import { readYamlFile } from "../cluster-file/yaml-file.ts";
import { usageError } from "../output/index.ts";

/** What options say of the needs, over the file. */
export interface NeedsOptions {
  readonly name?: string | undefined;
  readonly region?: string | undefined;
  readonly zones?: readonly string[] | undefined;
  readonly nodes?: string | undefined;
  readonly pods?: string | undefined;
  readonly podsPerNode?: string | undefined;
  readonly podsPerNodeByCompute?: string | undefined;
  readonly instanceType?: readonly string[] | undefined;
  readonly growth?: string | undefined;
  readonly months?: string | undefined;
  readonly surge?: string | undefined;
  readonly routable?: readonly string[] | undefined;
  readonly avoid?: readonly string[] | undefined;
  readonly internet?: string | undefined;
  readonly ipv6Ready?: true | undefined;
  readonly existing?: true | undefined;
  readonly podsReachedFromOutside?: true | undefined;
  readonly isolatedPods?: string | undefined;
  readonly cniVersion?: string | undefined;
}

/** The needs of a file and of options over it. Whatever is wrong is a usage error that says all of it. */
export function readNeeds(path: string | undefined, options: NeedsOptions): Needs {
  const file = path === undefined ? undefined : readYamlFile(path, "file of needs");
  const base = file?.value;
  if (base !== undefined && base !== null && (typeof base !== "object" || Array.isArray(base)))
    throw usageError(`${path ?? ""} must have fields, such as nodes: 20`);
  if (options.pods !== undefined && options.podsPerNode !== undefined) throw usageError("give --pods or --pods-per-node, not both");
  const checked = checkNeeds(merged({ ...base }, fieldsOf(options)));
  if (checked.ok) return checked.needs;
  // What an option said stands in no file.
  const said = new Set(Object.keys(fieldsOf(options)));
  throw usageError(
    checked.problems
      .map((problem) =>
        file === undefined || said.has(String(problem.path[0]))
          ? `${problem.path.join(".")}: ${problem.message}${hint(problem.path[0])}`
          : file.lineOf(problem),
      )
      .join("\n"),
  );
}

function hint(field: string | number | undefined): string {
  if (field === "nodes") return " (--nodes, or nodes in the file of --needs)";
  return field === "pods" ? " (--pods or --pods-per-node, or pods in the file of --needs)" : "";
}

function merged(base: Readonly<Record<string, unknown>>, over: Readonly<Record<string, unknown>>): unknown {
  const space = over["space"];
  const under = base["space"];
  return { ...base, ...over, ...(isFields(space) && isFields(under) ? { space: { ...under, ...space } } : {}) };
}

function fieldsOf(options: NeedsOptions): Readonly<Record<string, unknown>> {
  const { pods, podsPerNode, routable, avoid } = options;
  const space = { ...(routable === undefined ? {} : { routable }), ...(avoid === undefined ? {} : { avoid }) };
  const fields = {
    name: options.name,
    region: options.region,
    zones: options.zones,
    nodes: numberOf(options.nodes),
    pods: pods === undefined ? (podsPerNode === undefined ? undefined : { perNode: numberOf(podsPerNode) }) : { total: numberOf(pods) },
    podsPerNodeByCompute: numberOf(options.podsPerNodeByCompute),
    instanceTypes: options.instanceType,
    growth: options.growth === undefined ? undefined : { perYear: options.growth },
    months: numberOf(options.months),
    surge: options.surge,
    space: Object.keys(space).length === 0 ? undefined : space,
    internet: options.internet,
    ipv6Ready: options.ipv6Ready,
    newCluster: options.existing === true ? false : undefined,
    podsReachedFromOutside: options.podsReachedFromOutside,
    isolatedPods: numberOf(options.isolatedPods),
    cniVersion: options.cniVersion,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Text that is no number stays text, and the check says what was meant. */
function numberOf(text: string | undefined): number | string | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
