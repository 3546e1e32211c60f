import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "./network-list.ts";
import type { CniResult } from "./plugin-answer.ts";
import type { Attachment } from "./plugin-request.ts";

/** What an ADD left to remember: the result later verbs are given, and how the sandbox was described. */
export interface CachedAttachment {
  readonly networkName: string;
  readonly attachment: Attachment;
  readonly result: CniResult;
}

/** Keeps ADD's results until DEL, in the layout of CNI's own library (`<dir>/results/<network>-<container>-<link>`). */
export interface ResultCache {
  write(entry: CachedAttachment): void;
  /** A missing or unreadable file counts as none: it must never stop a DEL. */
  read(networkName: string, containerId: string, ifName: string): CachedAttachment | undefined;
  remove(networkName: string, containerId: string, ifName: string): void;
  list(networkName: string): readonly CachedAttachment[];
}

export function createResultCache(cacheDir: string): ResultCache {
  const dir = join(cacheDir, "results");
  const pathOf = (network: string, id: string, ifName: string): string => join(dir, `${network}-${id}-${ifName}`);
  return {
    write(entry) {
      const { containerId, ifName } = entry.attachment;
      const path = pathOf(entry.networkName, containerId, ifName);
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      // Renamed into place: a crash leaves the whole file or none.
      writeFileSync(`${path}.new`, JSON.stringify(fileOf(entry)), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
    read: (network, id, ifName) => readEntry(pathOf(network, id, ifName)),
    remove: (network, id, ifName) => rmSync(pathOf(network, id, ifName), { force: true }),
    list(network) {
      return namesIn(dir)
        .filter((name) => !name.endsWith(".new"))
        .flatMap((name) => readEntry(join(dir, name)) ?? [])
        .filter((entry) => entry.networkName === network);
    },
  };
}

function fileOf({ networkName, attachment, result }: CachedAttachment): unknown {
  return {
    kind: "cniCacheV1",
    containerId: attachment.containerId,
    ifName: attachment.ifName,
    networkName,
    netns: attachment.netns,
    cniArgs: Object.entries(attachment.args),
    capabilityArgs: attachment.capabilities,
    result,
  };
}

function readEntry(path: string): CachedAttachment | undefined {
  try {
    const file: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (!isRecord(file) || !isRecord(file["result"]) || typeof file["networkName"] !== "string") return undefined;
    const args = Array.isArray(file["cniArgs"]) ? (file["cniArgs"] as [string, string][]) : [];
    const attachment = {
      containerId: String(file["containerId"]),
      ifName: String(file["ifName"]),
      netns: String(file["netns"]),
      args: Object.fromEntries(args),
      capabilities: isRecord(file["capabilityArgs"]) ? file["capabilityArgs"] : {},
    };
    return { networkName: file["networkName"], attachment, result: file["result"] };
  } catch {
    return undefined;
  }
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
