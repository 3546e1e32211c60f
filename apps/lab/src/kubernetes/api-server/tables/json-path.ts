import { isFields, own } from "@slash28/kube-store";

const STEP = /\.([A-Za-z0-9_$/-]+)|\['((?:[^'\\]|\\.)*)'\]|\[(\d+)\]|\[(\*)\]|\[\?\(@\.([\w.]+)\s*==\s*["']([^"']*)["']\)\]/y;

/**
 * What a printer column's JSON path finds, all matches: fields, `['quoted fields']` and escaped dots, indexes, `[*]`, and
 * filters on equality, which is what CRDs use. Nothing for a path outside that.
 */
export function findByPath(object: unknown, path: string): readonly unknown[] {
  let found: readonly unknown[] = [object];
  const plain = path.startsWith(".") || path.startsWith("[") ? path : `.${path}`;
  const protectedPath = plain.replaceAll(String.raw`\.`, "\u0001");
  const steps = new RegExp(STEP.source.replaceAll("A-Za-z0-9_$/-", "A-Za-z0-9_$/\u0001-"), "y");
  while (steps.lastIndex < protectedPath.length) {
    const match = steps.exec(protectedPath);
    if (match === null) return [];
    found = found.flatMap((value) => step(value, match));
  }
  return found.filter((value) => value !== undefined);
}

function step(value: unknown, match: RegExpExecArray): readonly unknown[] {
  const [, field, quoted, index, star, filterPath, wanted] = match;
  const name = (field ?? quoted)?.replaceAll("\u0001", ".").replaceAll(/\\(.)/g, "$1");
  if (name !== undefined) return isFields(value) ? [own(value, name)] : [];
  if (!Array.isArray(value)) return star !== undefined && isFields(value) ? Object.values(value) : [];
  if (index !== undefined) return [value[Number(index)]];
  if (star !== undefined) return value;
  return value.filter((item: unknown) => findByPath(item, filterPath ?? "").some((text) => String(text) === wanted));
}
