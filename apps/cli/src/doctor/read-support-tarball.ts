import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { SnapshotDocument } from "@slash28/advisor";
import { usageError } from "../output/index.ts";
import type { UnreadDocument } from "../snapshot/documents.ts";
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

/** A tarball's files that a diagnosis reads, and those of them that cannot be unpacked: a full disk cuts logs short. */
export interface SupportTarball {
  readonly documents: readonly SnapshotDocument[];
  readonly unread: readonly UnreadDocument[];
}

/** What a support tarball of one node tells: the pool, the firewall, what the agent logged. */
export function readSupportTarball(path: string): SupportTarball {
  const entries = tarEntries(unpacked(path));
  if (entries === undefined)
    throw usageError(`${path} is no tar archive; give the tarball that aws-cni-support.sh or slash28 support-bundle wrote`);
  const read = entries.map(documentOf);
  const documents = read.flatMap((each) => (each !== undefined && "value" in each ? each : []));
  const unread = read.flatMap((each) => (each !== undefined && "code" in each ? each : []));
  if (documents.length === 0)
    throw usageError(
      unread.length > 0
        ? `nothing in ${path} can be read: ${unread.map(({ from, message }) => `${from}: ${message}`).join("; ")}`
        : `nothing in ${path} is known: it has no ipamd.log, eni.out or iptables-save.out`,
    );
  return { documents, unread };
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

function documentOf({ path, content }: TarEntry): SnapshotDocument | UnreadDocument | undefined {
  const file = path.replace(/^.*\//, "");
  const known = KNOWN.find(({ name }) => name.test(file));
  if (known === undefined || content.length === 0) return undefined;
  let bytes = content;
  try {
    if (file.endsWith(".gz")) bytes = gunzipSync(content, { maxOutputLength: UNPACKED_MAX });
  } catch (cause) {
    return { from: path, code: "Damaged", message: cause instanceof Error ? cause.message : String(cause), needs: "" };
  }
  const text = new TextDecoder().decode(bytes);
  if (known.form === "text") return { name: path, value: text };
  try {
    return { name: path, value: JSON.parse(text) as unknown };
  } catch {
    // curl writes nothing, or an error of its own, where the agent does not answer.
    return undefined;
  }
}
