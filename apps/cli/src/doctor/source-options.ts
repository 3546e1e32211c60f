import type { Command } from "@commander-js/extra-typings";

/** Where to look, for each command that looks at a cluster. */
export function sourceOptions(command: Command) {
  return command
    .option("--snapshot <folder>", "a snapshot of slash28 snapshot, or files saved by hand")
    .option("--support-bundle <tarball>", "a node's logs: of aws-cni-support.sh, EKS's log collector or slash28 support-bundle")
    .option("--lab", "the lab that runs on this machine")
    .option("--kubeconfig <file>", "which cluster, as it is now; without it KUBECONFIG, else ~/.kube/config")
    .option("--context <name>", "which context of the kubeconfig; its current one when absent")
    .option("--region <region>", "where the cluster is; without it AWS_REGION, else what the nodes tell")
    .option("--cluster <name>", "its name in EKS; without it what its instances' tags tell");
}
