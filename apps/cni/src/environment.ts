import { ARGS_MAX, CODES, HEADERS, PluginError, type CniCommand } from "./contract.ts";

interface Variable {
  readonly name: string;
  readonly header?: string;
  readonly requiredBy: readonly CniCommand[];
}

const SANDBOX_VERBS: readonly CniCommand[] = ["ADD", "DEL", "CHECK"];
const VARIABLES: readonly Variable[] = [
  { name: "CNI_CONTAINERID", header: HEADERS.containerId, requiredBy: SANDBOX_VERBS },
  { name: "CNI_NETNS", header: HEADERS.netns, requiredBy: ["ADD", "CHECK"] },
  { name: "CNI_IFNAME", header: HEADERS.ifName, requiredBy: SANDBOX_VERBS },
  { name: "CNI_ARGS", header: HEADERS.args, requiredBy: [] },
  { name: "CNI_PATH", requiredBy: ["GC"] },
];

export type Environment = Readonly<Record<string, string | undefined>>;

/** Puts the CNI variables into request headers; names everything that is missing in one message (code 4). */
export function readEnvironment(command: CniCommand, env: Environment): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { [HEADERS.command]: command };
  const missing: string[] = [];
  for (const { name, header, requiredBy } of VARIABLES) {
    const set = env[name];
    if (set === undefined || set === "") {
      if (requiredBy.includes(command)) missing.push(name);
    } else if (header !== undefined && SANDBOX_VERBS.includes(command)) {
      headers[header] = headerValue(name, set);
    }
  }
  if (missing.length > 0) throw new PluginError(CODES.badEnvironment, `${command} needs ${missing.join(", ")}`);
  if (SANDBOX_VERBS.includes(command)) checkForm(env["CNI_CONTAINERID"] ?? "", env["CNI_IFNAME"] ?? "");
  return headers;
}

/** Node sends header text as Latin-1, so UTF-8 bytes travel one by one, as the static plugin sends them. */
function headerValue(name: string, set: string): string {
  const bytes = Buffer.from(set, "utf8");
  if (bytes.length > ARGS_MAX) throw new PluginError(CODES.badEnvironment, `${name} is longer than ${ARGS_MAX} bytes`);
  if (bytes.some((byte) => byte < 0x20 || byte === 0x7f)) throw new PluginError(CODES.badEnvironment, `${name} holds a control character`);
  return bytes.toString("latin1");
}

function checkForm(id: string, ifName: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(id)) throw new PluginError(CODES.badEnvironment, `CNI_CONTAINERID ${id} is not a container id`);
  if (Buffer.byteLength(ifName) > 15 || ifName === "." || ifName === ".." || /[/: \t\n\v\f\r]/.test(ifName))
    throw new PluginError(CODES.badEnvironment, `CNI_IFNAME ${ifName} is not a link name`);
}
