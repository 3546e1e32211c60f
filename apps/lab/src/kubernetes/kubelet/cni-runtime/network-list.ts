/** The CNI versions this runtime speaks, oldest first. 0.1.0 and 0.2.0 have another result form that no plugin here needs. */
export const RUNTIME_VERSIONS = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"] as const;
export type CniVersion = (typeof RUNTIME_VERSIONS)[number];

export interface PluginConfig {
  readonly type: string;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly [key: string]: unknown;
}

/** A network: plugins to call one after the other. CNI spec 1.1.0, "Network configuration format". */
export interface NetworkList {
  readonly name: string;
  readonly cniVersion: CniVersion;
  readonly disableCheck: boolean;
  readonly disableGc: boolean;
  readonly plugins: readonly PluginConfig[];
}

export type ReadNetwork = { readonly ok: true; readonly list: NetworkList } | { readonly ok: false; readonly why: string };

/** Whether verbs that came with `since` may be used. */
export function isAtLeast(version: CniVersion, since: CniVersion): boolean {
  return RUNTIME_VERSIONS.indexOf(version) >= RUNTIME_VERSIONS.indexOf(since);
}

/** Reads a `.conflist`, or a single-plugin `.conf`, which becomes a list of one. */
export function readNetwork(text: string): ReadNetwork {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { ok: false, why: `is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (!isRecord(parsed)) return { ok: false, why: "is not a JSON object" };
  const name = parsed["name"];
  if (typeof name !== "string" || !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)) return { ok: false, why: "has no valid name" };
  const cniVersion = chooseVersion(parsed);
  if (cniVersion === undefined) return { ok: false, why: `asks for CNI ${String(parsed["cniVersion"])}, which is not spoken here` };
  const plugins = parsed["plugins"] === undefined && typeof parsed["type"] === "string" ? [parsed] : parsed["plugins"];
  if (!Array.isArray(plugins) || plugins.length === 0) return { ok: false, why: "has no plugins" };
  if (!plugins.every(isPlugin)) return { ok: false, why: "has a plugin without a type, or with a path as its type" };
  const disableCheck = readFlag(parsed["disableCheck"]);
  const disableGc = readFlag(parsed["disableGC"]);
  if (disableCheck === undefined || disableGc === undefined)
    return { ok: false, why: "has a disableCheck or disableGC that is neither true nor false" };
  return { ok: true, list: { name, cniVersion, disableCheck, disableGc, plugins } };
}

/** The highest version the list offers and this runtime speaks. */
function chooseVersion(list: Readonly<Record<string, unknown>>): CniVersion | undefined {
  const offered = [list["cniVersion"], ...(Array.isArray(list["cniVersions"]) ? list["cniVersions"] : [])].filter(
    (version) => version !== undefined && version !== "",
  );
  return RUNTIME_VERSIONS.findLast((version) => offered.includes(version));
}

function readFlag(value: unknown): boolean | undefined {
  if (value === undefined) return false;
  if (typeof value === "boolean") return value;
  const text = typeof value === "string" ? value.toLowerCase() : "";
  return text === "true" ? true : text === "false" ? false : undefined;
}

function isPlugin(value: unknown): value is PluginConfig {
  return isRecord(value) && typeof value["type"] === "string" && value["type"] !== "" && !value["type"].includes("/");
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
