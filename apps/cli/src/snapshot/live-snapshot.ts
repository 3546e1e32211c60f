import { kubeOf, spokenFaults } from "../cluster/kube-of.ts";
import type { CommandContext } from "../commands/command-context.ts";
import { createProgress } from "../lab/progress.ts";
import { CommandError } from "../output/index.ts";
import { refuseProfile } from "./aws-profile.ts";
import { collect, type LiveSnapshot } from "./collect.ts";
import { unreadText } from "./unread-text.ts";

export interface WhichCluster {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly region?: string | undefined;
  readonly cluster?: string | undefined;
}

/** Reads a cluster as it is now, telling on stderr how far it is. Fails when nothing at all could be read. */
export async function liveSnapshot(
  { terminal, env }: CommandContext,
  { kubeconfig, context, region, cluster }: WhichCluster,
): Promise<LiveSnapshot> {
  refuseProfile(env);
  const kube = await kubeOf(kubeconfig, env, context);
  const progress = createProgress(terminal, { done: "the cluster is read", failed: "the cluster could not be read" });
  try {
    const live = await spokenFaults(() => collect({ kube, env, region, cluster, progress: (what) => progress.step(`reading: ${what}`) }));
    if (live.documents.length === 0) throw new CommandError(["nothing could be read", ...unreadText(live.unread)].join("\n"));
    progress.done();
    return live;
  } catch (cause) {
    progress.fail();
    throw cause;
  } finally {
    kube.close();
  }
}
