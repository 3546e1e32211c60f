import { closeSync, fstatSync, openSync, readdirSync, readSync, constants } from "node:fs";
import { join } from "node:path";
import type { EvidenceFile } from "../control/index.ts";

/** What of a node's disk is collected. Nothing below /var/lib/kubelet: tokens are mounted there. */
const PLACES = [
  { folder: "var/run/aws-node", files: /^ipam\.(?:journal|json)/ },
  { folder: "etc/cni/net.d", files: /\.conf(?:list)?$/ },
  { folder: "var/log/aws-routed-eni", files: /\.log/ },
] as const;
const PODS = "var/log/pods";
const AGENT_POD = /^kube-system_aws-node-/;

/** Of a long file the end is kept: that is where the trouble is. */
const BYTES_MAX = 4 * 1024 * 1024;

export interface FoundFiles {
  readonly files: readonly EvidenceFile[];
  readonly notes: readonly string[];
}

/** Reads a node's journal, CNI configuration and agent logs from its disk. Links are not followed: a pod may have put them there. */
export function nodeFiles(rootDir: string): FoundFiles {
  const agentLogs = namesIn(join(rootDir, PODS), "folder")
    .filter((name) => AGENT_POD.test(name))
    .flatMap((pod) => namesIn(join(rootDir, PODS, pod), "folder").map((container) => join(PODS, pod, container)));
  const places = [...PLACES, ...agentLogs.map((folder) => ({ folder, files: /\.log/ }))];
  const paths = places.flatMap(({ folder, files }) =>
    namesIn(join(rootDir, folder), "file")
      .filter((name) => files.test(name))
      .map((name) => join(folder, name)),
  );
  const read = paths.map((path) => readEnd(rootDir, path));
  return { files: read.flatMap(({ file }) => file ?? []), notes: read.flatMap(({ note }) => note ?? []) };
}

function namesIn(folder: string, kind: "file" | "folder"): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => (kind === "file" ? entry.isFile() : entry.isDirectory()))
      .map((entry) => entry.name)
      .toSorted((a, b) => (a < b ? -1 : 1));
  } catch {
    return [];
  }
}

function readEnd(rootDir: string, path: string): { readonly file?: EvidenceFile; readonly note?: string } {
  try {
    const descriptor = openSync(join(rootDir, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { size } = fstatSync(descriptor);
      const bytes = Buffer.alloc(Math.min(size, BYTES_MAX));
      const length = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
      const file = { path: `files/${path}`, latin1: bytes.subarray(0, length).toString("latin1") };
      return size > BYTES_MAX ? { file, note: `${path}: its last ${BYTES_MAX} of ${size} bytes` } : { file };
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    return { note: `${path}: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}
