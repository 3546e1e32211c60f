type Fields = Readonly<Record<string, unknown>>;

/** A step into an object: a field by name, or an item of a list by its keys or its place. */
type Step =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "item"; readonly keys: Fields }
  | { readonly kind: "place"; readonly index: number };

const STEP = /\.((?:[^.[\\]|\\.)+)|\[(\d+)\]|\[((?:[^\]"]|"(?:[^"\\]|\\.)*")+)\]/gy;

/**
 * Reads a field path as server-side apply reports conflicts: `.spec.containers[name="aws-node"].env[name="A"].value`. `undefined` for another form.
 */
export function parseFieldPath(text: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (match === null) return undefined;
    const [, name, place, keys] = match;
    if (name !== undefined) steps.push({ kind: "field", name: name.replaceAll(/\\(.)/g, "$1") });
    else if (place !== undefined) steps.push({ kind: "place", index: Number(place) });
    else steps.push({ kind: "item", keys: keysOf(keys ?? "") });
  }
  return steps;
}

function keysOf(text: string): Fields {
  const keys = [...text.matchAll(/([^=,]+)=("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(
    ([, name = "", value = ""]) => [name, valueOf(value)] as const,
  );
  return Object.fromEntries(keys);
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The object without a field. A path that leads nowhere changes nothing. */
export function withoutField<T>(object: T, path: string): T {
  const steps = parseFieldPath(path);
  return steps === undefined || steps.length === 0 ? object : (without(object, steps) as T);
}

function without(value: unknown, [step, ...rest]: readonly Step[]): unknown {
  if (step === undefined || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const index = step.kind === "field" ? -1 : step.kind === "place" ? step.index : value.findIndex((item) => fits(item, step.keys));
    if (index < 0) return value;
    return rest.length === 0 ? value.toSpliced(index, 1) : value.with(index, without(value[index], rest));
  }
  if (step.kind !== "field" || !Object.hasOwn(value, step.name)) {
    // A label's name has dots of its own, which the path does not tell from its separators.
    return step.kind === "field" && rest[0]?.kind === "field"
      ? without(value, [{ ...step, name: `${step.name}.${rest[0].name}` }, ...rest.slice(1)])
      : value;
  }
  const fields = value as Fields;
  if (rest.length === 0) return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== step.name));
  return { ...fields, [step.name]: without(fields[step.name], rest) };
}

function fits(item: unknown, keys: Fields): boolean {
  return typeof item === "object" && item !== null && Object.entries(keys).every(([name, value]) => (item as Fields)[name] === value);
}
