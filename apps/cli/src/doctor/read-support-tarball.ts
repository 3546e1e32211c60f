import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { SnapshotDocument } from "@slash28/advisor";
import { usageError } from "../output/index.ts";
import { tarEntries, type TarEntry } from "./tar-entries.ts";

/** What is read of it: names as `aws-cni-support.sh`, EKS's log collector and `slash28 support-bundle` write them. */
const KNOWN: readonly { readonly name: RegExp; readonly form: "json" | "text" }[] = [
  { name: /^(?:eni|enis|v1-enis)\.(?:out|json|txt)$/, form: "json" },
  { name: /^kubelet\.out$/, form: "json" },
  { name: /^events\.json$/, form: "json" },
  { name: /^iptables-save[\w.-]*$/, form: "text" },
  { name: /^iptables(?:-filter)?\.(?:out|txt)$/, form: "text" },
  { name: /^(?:nft|nftables)[\w.-]*\.(?:out|txt)$/, form: "text" },
  { name: /^(?:ipamd|agent|aws-node)[\w.-]*\.log(?:\.gz)?$/, form: "text" },
];
/** Far above what a node's logs are; a bomb must not fill the memory. */
const UNPACKED_MAX = 2 ** 30;

/** What a support tarball of one node tells: the pool, the firewall, what the agent logged. */
export function readSupportTarball(path: string): readonly SnapshotDocument[] {
  const entries = tarEntries(unpacked(path));
  if (entries === undefined)
    throw usageError(`${path} is no tar archive; give the tarball that aws-cni-support.sh or slash28 support-bundle wrote`);
  const documents = entries.flatMap(documentOf);
  if (documents.length === 0) throw usageError(`nothing in ${path} is known: it has no ipamd.log, eni.out or iptables-save.out`);
  return documents;
}

function unpacked(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    throw usageError(`cannot read ${path}`);
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: UNPACKED_MAX });
  } catch (cause) {
    throw usageError(`${path} cannot be unpacked: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function documentOf({ path, content }: TarEntry): readonly SnapshotDocument[] {
  const file = path.replace(/^.*\//, "");
  const known = KNOWN.find(({ name }) => name.test(file));
  if (known === undefined || content.length === 0) return [];
  const text = new TextDecoder().decode(file.endsWith(".gz") ? gunzipSync(content, { maxOutputLength: UNPACKED_MAX }) : content);
  if (known.form === "text") return [{ name: path, value: text }];
  try {
    return [{ name: path, value: JSON.parse(text) as unknown }];
  } catch {
    // curl writes nothing, or an error of its own, where the agent does not answer.
    return [];
  }
}
