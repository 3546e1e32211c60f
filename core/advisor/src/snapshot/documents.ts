import { readSnapshot } from "@slash28/ipam";
import { AWS_KEYS } from "./read-aws.ts";
import { KUBERNETES_KINDS } from "./read-kubernetes.ts";
import { mergeRoles, readRoles } from "./read-roles.ts";
import { readNftables, readText } from "./read-text.ts";
import type { ItemReader } from "./item-reader.ts";
import { PARTS } from "./parts.ts";
import type { SeenRole } from "./aws-objects.ts";
import type { Snapshot, SnapshotPart } from "./snapshot.ts";

/** One saved answer: of kubectl, of the AWS CLI, of an agent, or a text such as a log. */
export interface SnapshotDocument {
  /** For people; a file's name. */
  readonly name: string;
  /** Parsed JSON, or a text that is none. */
  readonly value: unknown;
}

/** Something about a document that its owner should hear: what was passed over, and why. */
export interface SnapshotNotice {
  readonly document: string;
  readonly message: string;
}

export interface SnapshotRead {
  readonly snapshot: Snapshot;
  readonly notices: readonly SnapshotNotice[];
}

/** Parts that hold one thing. */
const SINGLE: ReadonlySet<SnapshotPart> = new Set<SnapshotPart>(["cluster"]);
/** What answers carry besides their content. */
const BESIDES = new Set(["nextToken", "NextToken", "ResponseMetadata", "RequestId", "Marker", "IsTruncated", "NextMarker"]);
const NESTING_MAX = 3;
const PROBLEMS_SHOWN = 3;

/**
 * Reads saved documents into one snapshot, each by its content. An item that is not as it should be is passed over and told, as is a document
 * that nothing is known of: a snapshot is as good as what could be read.
 */
export function snapshotOf(documents: readonly SnapshotDocument[]): SnapshotRead {
  const gathering = new Gathering();
  for (const { name, value } of documents) gathering.read(name, value, 0);
  return { snapshot: gathering.snapshot(), notices: gathering.notices };
}

type Json = Readonly<Record<string, unknown>>;

class Gathering {
  readonly notices: SnapshotNotice[] = [];
  readonly #parts = new Map<SnapshotPart, unknown[]>();

  snapshot(): Snapshot {
    const parts = [...this.#parts].flatMap(([part, items]): [string, unknown][] => {
      if (SINGLE.has(part)) return items.length === 0 ? [] : [[part, items.at(-1)]];
      return [[part, part === "roles" ? mergeRoles(items as SeenRole[]) : lastOfEach(items)]];
    });
    return Object.fromEntries(parts);
  }

  read(name: string, value: unknown, depth: number): void {
    if (typeof value === "string") return this.#readText(name, value);
    if (Array.isArray(value) && depth < NESTING_MAX) {
      for (const each of value as readonly unknown[]) this.read(name, each, depth + 1);
      return;
    }
    if (!isObject(value)) return this.#tell(name, "it is neither an object nor a text; save what kubectl or aws print with JSON output");
    if (typeof value["kind"] === "string" && ("apiVersion" in value || "items" in value || "metadata" in value)) {
      return this.#readKubernetes(name, value, value["kind"]);
    }
    this.#readAws(name, value, depth);
  }

  #readText(name: string, text: string): void {
    const { firewalls, logSigns } = readText(name, text);
    if (firewalls.length > 0) this.#add("firewalls", firewalls);
    if (logSigns !== undefined) this.#add("logSigns", logSigns);
    if (firewalls.length === 0 && logSigns === undefined) this.#tell(name, "this text is neither a node's firewall nor a log of the agent");
  }

  #readKubernetes(name: string, value: Json, kind: string): void {
    const items = value["items"];
    if (!Array.isArray(items)) return this.#readItems(name, kind, [value]);
    const list = items as readonly unknown[];
    if (list.length === 0) return this.#readEmpty(name, kind);
    const ofList = kind === "List" ? undefined : kind.replace(/List$/, "");
    const byKind = new Map<string, unknown[]>();
    for (const item of list) {
      const own = isObject(item) && typeof item["kind"] === "string" ? item["kind"] : (ofList ?? "object of no kind");
      byKind.set(own, [...(byKind.get(own) ?? []), item]);
    }
    for (const [own, each] of byKind) this.#readItems(name, own, each);
  }

  #readItems(name: string, kind: string, items: readonly unknown[]): void {
    const reader = Object.hasOwn(KUBERNETES_KINDS, kind) ? KUBERNETES_KINDS[kind] : undefined;
    if (reader === undefined) return this.#tell(name, `${items.length} of kind ${kind} passed over: no finding depends on them`);
    this.#take(name, reader, items, kind);
  }

  /** An empty list of kubectl says nothing of what it is a list of: the API's own list has its kind, otherwise the name of the file tells. */
  #readEmpty(name: string, kind: string): void {
    const reader = Object.hasOwn(KUBERNETES_KINDS, kind.replace(/List$/, "")) ? KUBERNETES_KINDS[kind.replace(/List$/, "")] : undefined;
    const part = reader?.part ?? partNamed(name);
    if (part === undefined)
      return this.#tell(name, "this empty list does not say of what; name the file after it, such as eniconfigs.json");
    this.#add(part, []);
  }

  #readAws(name: string, value: Json, depth: number): void {
    let isKnown = false;
    const roles = readRoles(value, roleNamed(name));
    if (roles !== undefined) {
      this.#add("roles", roles);
      return;
    }
    for (const [key, content] of Object.entries(value)) {
      const reader = Object.hasOwn(AWS_KEYS, key) ? AWS_KEYS[key] : undefined;
      if (reader !== undefined) {
        isKnown = true;
        this.#take(name, reader, Array.isArray(content) ? (content as readonly unknown[]) : [content], key);
      } else if (key === "Reservations" && Array.isArray(content)) {
        isKnown = true;
        this.#add("instances", []);
        for (const reservation of content as readonly unknown[]) this.read(name, reservation, depth + 1);
      } else if (key === "nftables") {
        isKnown = true;
        this.#add("firewalls", readNftables(name, content));
      } else if (BESIDES.has(key)) {
        isKnown = true;
      }
    }
    if (!isKnown && !this.#readPool(name, value)) {
      const keys = Object.keys(value).slice(0, PROBLEMS_SHOWN).join(", ");
      this.#tell(name, `nothing in it is known${keys === "" ? ": it is empty" : ` (it has ${keys})`}`);
    }
  }

  #readPool(name: string, value: Json): boolean {
    const read = readSnapshot(JSON.stringify(value));
    if (!read.ok) return false;
    this.#add("pools", [{ source: name, pool: read.snapshot }]);
    return true;
  }

  #take(name: string, reader: ItemReader, items: readonly unknown[], what: string): void {
    const good: unknown[] = [];
    const problems: string[] = [];
    for (const item of items) {
      const read = reader.schema.safeParse(item);
      if (read.success) good.push(read.data);
      else problems.push(problemOf(item, read.error.issues[0]));
    }
    this.#add(reader.part, good);
    if (problems.length === 0) return;
    const more = problems.length > PROBLEMS_SHOWN ? `; ${problems.length - PROBLEMS_SHOWN} more` : "";
    this.#tell(name, `${problems.length} of ${items.length} ${what} passed over: ${problems.slice(0, PROBLEMS_SHOWN).join("; ")}${more}`);
  }

  #add(part: SnapshotPart, items: readonly unknown[]): void {
    const held = this.#parts.get(part);
    if (held === undefined) this.#parts.set(part, [...items]);
    else for (const item of items) held.push(item);
  }

  #tell(document: string, message: string): void {
    this.notices.push({ document, message });
  }
}

function problemOf(item: unknown, issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined): string {
  const metadata = isObject(item) ? item["metadata"] : undefined;
  const name = isObject(metadata) && typeof metadata["name"] === "string" ? `${metadata["name"]} ` : "";
  return `${name}${(issue?.path ?? []).map(String).join(".") || "the whole"}: ${issue?.message ?? "not as expected"}`;
}

/** An object that two documents have is the later one's. What has no name is kept as often as it comes. */
function lastOfEach(items: readonly unknown[]): readonly unknown[] {
  const byKey = new Map<unknown, unknown>();
  for (const item of items) byKey.set(keyOf(item) ?? item, item);
  return [...byKey.values()];
}

function keyOf(item: unknown): string | undefined {
  if (!isObject(item)) return undefined;
  const { id, arn, code, type, templateId, version, namespace, name, source, sign } = item;
  if (typeof id === "string" && !("state" in item && "port" in item)) return id;
  if (typeof arn === "string") return arn;
  if (typeof code === "string") return code;
  if (typeof templateId === "string") return `${templateId} ${String(version)}`;
  if (typeof source === "string") return typeof sign === "string" ? `${source} ${sign}` : source;
  if (typeof name === "string") return `${String(namespace)}/${name}`;
  return typeof type === "string" && "maxEnis" in item ? type : undefined;
}

/** `kube/eniconfigs.json` is a list of ENIConfigs, were it not empty. The longest word wins: pod-identity-associations are no pods. */
function partNamed(name: string): SnapshotPart | undefined {
  const file = name.toLowerCase().replace(/^.*\//, "");
  let best: { readonly part: SnapshotPart; readonly length: number } | undefined;
  for (const [part, { names }] of Object.entries(PARTS)) {
    for (const word of names) {
      if (file.includes(word) && word.length > (best?.length ?? 0)) best = { part: part as SnapshotPart, length: word.length };
    }
  }
  return best?.part;
}

/** `iam/attached-role-policies-node-role.json` is about `node-role`. */
function roleNamed(name: string): string {
  return name
    .replace(/^.*\//, "")
    .replace(/\.json$/, "")
    .replace(/^(?:list-)?attached-(?:role-)?policies-/, "");
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
