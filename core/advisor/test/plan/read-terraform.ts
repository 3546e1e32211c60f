/** By a name that the compiler does not follow: the package's types bring the DOM's with them. */
const HCL2JSON: string = "@cdktf/hcl2json";
type Parse = (filename: string, text: string) => Promise<Record<string, unknown>>;

/** Terraform files as HashiCorp's own parser reads them: what is declared, what is referred to, and which arguments each kind of resource is given. */
export interface ReadTerraform {
  /** `aws_subnet.nodes_a`, `var.node_os`. */
  readonly declared: readonly string[];
  readonly referred: readonly string[];
  /** `aws_subnet.cidr_block`, `aws_route_table.route.gateway_id`, each once. */
  readonly arguments: readonly string[];
  readonly resources: Resources;
}

/** Type → name → bodies; one, unless something is declared twice in a file. */
type Resources = Readonly<Record<string, Readonly<Record<string, readonly Body[]>>>>;
type Body = Readonly<Record<string, unknown>>;

/** A syntax error rejects, with the line. */
export async function readTerraform(files: Readonly<Record<string, string>>): Promise<ReadTerraform> {
  const { parse } = (await import(HCL2JSON)) as { readonly parse: Parse };
  const parsed = await Promise.all(Object.entries(files).map(([name, text]) => parse(name, text)));
  const resources = parsed.map((file) => (file["resource"] ?? {}) as Resources).reduce(merged, {});
  const all = Object.entries(resources).flatMap(([type, byName]) =>
    Object.entries(byName).map(([name, bodies]) => ({ type, name, bodies })),
  );
  const declared = [
    ...parsed.flatMap((file) => Object.keys(file["variable"] ?? {}).map((name) => `var.${name}`)),
    ...all.map(({ type, name }) => `${type}.${name}`),
  ];
  const given = all.flatMap(({ type, bodies }) => bodies.flatMap((body) => argumentsOf(body).map((path) => `${type}.${path}`)));
  const referred = parsed.flatMap((file) => textsIn(file).flatMap(referencesIn));
  return { declared, referred: [...new Set(referred)], arguments: [...new Set(given)], resources };
}

function merged(a: Resources, b: Resources): Resources {
  return { ...a, ...Object.fromEntries(Object.entries(b).map(([type, byName]) => [type, { ...a[type], ...byName }])) };
}

/** Blocks are lists of bodies; maps, such as tags, are values. */
function argumentsOf(body: Body): readonly string[] {
  return Object.entries(body).flatMap(([name, value]) => {
    const isBlock = Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null);
    if (!isBlock || value.length === 0) return [name];
    return (value as readonly Body[]).flatMap((inner) => Object.keys(inner).map((field) => `${name}.${field}`));
  });
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** `$${` is text, and so is what stands in quotes inside an expression. */
function referencesIn(text: string): readonly string[] {
  const expressions = [...text.matchAll(/(?<!\$)\$\{([^]*)\}/g)].map(([, inner = ""]) => inner.replaceAll(/"[^"$]*"/g, ""));
  return expressions.flatMap((inner) => [...inner.matchAll(/\b((?:aws_\w+|var)\.\w+)/g)].map(([, name = ""]) => name));
}
