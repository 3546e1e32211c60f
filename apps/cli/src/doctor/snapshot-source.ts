import type { SnapshotDocument } from "@slash28/advisor";
import { controlClient } from "@slash28/lab";
import type { CommandContext } from "../commands/command-context.ts";
import { labEnv } from "../lab/lab-env.ts";
import { runningLab } from "../lab/running-lab.ts";
import { usageError } from "../output/index.ts";
import type { UnreadDocument } from "../snapshot/documents.ts";
import { isForPeople } from "../snapshot/for-people.ts";
import { liveSnapshot, type WhichCluster } from "../snapshot/live-snapshot.ts";
import type { LiveSnapshot } from "../snapshot/collect.ts";
import { readFolder } from "./read-folder.ts";
import { readSupportTarball } from "./read-support-tarball.ts";

/** Where a diagnosis takes its facts from. */
export interface SourceOptions extends WhichCluster {
  readonly snapshot?: string | undefined;
  readonly supportBundle?: string | undefined;
  readonly lab?: true | undefined;
}

export interface Source {
  readonly documents: readonly SnapshotDocument[];
  readonly unread: readonly UnreadDocument[];
  /** For people: `snapshot monday of 2026-01-02T03:04:05Z`. */
  readonly title: string;
  /** Absent where nobody knows. */
  readonly takenAt?: string;
}

/** Reads what the options name; without any, the cluster of the kubeconfig as it is now. */
export async function readSource(context: CommandContext, options: SourceOptions): Promise<Source> {
  const { snapshot, supportBundle, lab, kubeconfig, context: kubeContext } = options;
  const named = { "--snapshot": snapshot, "--support-bundle": supportBundle, "--lab": lab, "--kubeconfig": kubeconfig ?? kubeContext };
  const given = Object.entries(named).flatMap(([option, value]) => (value === undefined ? [] : [option]));
  if (given.length > 1) throw usageError(`give one of ${given.join(", ")}`);
  if (snapshot !== undefined) return savedSource(snapshot);
  if (supportBundle !== undefined) return { ...readSupportTarball(supportBundle), title: `support bundle ${supportBundle}` };
  if (lab === true) return labSource(context, options);
  return liveSource(await liveSnapshot(context, options));
}

function savedSource(folder: string): Source {
  const { documents, manifest } = readFolder(folder);
  if (manifest === undefined) return { documents, unread: [], title: `files in ${folder}` };
  const { cluster, takenAt, unread } = manifest;
  return { documents, unread, title: `snapshot ${folder}${cluster === undefined ? "" : ` of ${cluster}`}, taken at ${takenAt}`, takenAt };
}

/** The lab's nodes also tell their pools. */
async function labSource(context: CommandContext, options: SourceOptions): Promise<Source> {
  const status = await runningLab(context);
  const env = { ...context.env, ...labEnv(status) };
  const live = liveSource(await liveSnapshot({ ...context, env }, { ...options, kubeconfig: status.endpoints.kubeconfig }));
  const pools = await controlClient(context.labPaths.control).pools();
  const told = pools.flatMap(({ node, enis }): readonly SnapshotDocument[] =>
    enis === undefined ? [] : [{ name: node, value: JSON.parse(enis) as unknown }],
  );
  return { ...live, documents: [...live.documents, ...told], title: `the lab ${status.name}` };
}

function liveSource({ documents, unread, cluster }: LiveSnapshot): Source {
  return {
    documents: documents.filter(({ file }) => !isForPeople(file)).map(({ file, json }) => ({ name: file, value: json })),
    unread,
    title: cluster === undefined ? "the cluster" : `cluster ${cluster}`,
    takenAt: new Date().toISOString(),
  };
}
