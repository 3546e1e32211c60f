import { Command, Option } from "@commander-js/extra-typings";
import { OUTPUT_FORMATS, printResult, usageError } from "../output/index.ts";
import { checkFolder, writeSnapshot } from "../snapshot/write-snapshot.ts";
import { liveSnapshot } from "../snapshot/live-snapshot.ts";
import { manifestOf } from "../snapshot/manifest.ts";
import { permissions } from "../snapshot/permissions.ts";
import { permissionsText } from "../snapshot/permissions-text.ts";
import { redacted } from "../snapshot/redact/index.ts";
import { unreadText } from "../snapshot/unread-text.ts";
import type { CommandContext } from "./command-context.ts";

/** `slash28 snapshot`: a cluster as files, to look at elsewhere or later. */
export function snapshotCommand(context: CommandContext, version: string): Command {
  const command = new Command("snapshot")
    .description(
      "Saves what a diagnosis needs of a cluster and its VPC as files, reading only. What cannot be read is told, and the rest is saved.",
    )
    .option("--out <folder>", "where to; made when it is not there")
    .option("--kubeconfig <file>", "which cluster; without it KUBECONFIG, else ~/.kube/config")
    .option("--context <name>", "which context of the kubeconfig; its current one when absent")
    .option("--region <region>", "where the cluster is; without it AWS_REGION, else what the nodes tell")
    .option("--cluster <name>", "its name in EKS; without it what its instances' tags tell")
    .option("--redact", "replace names, ids and addresses by others, the same for the same; the arithmetic of subnets stays true")
    .option("--show-permissions", "print the IAM policy and the RBAC rules that a complete snapshot needs, and read nothing")
    .addOption(new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const))
    .action(async ({ out, redact, showPermissions, output, ...where }) => {
      const { terminal } = context;
      if (showPermissions === true) return printResult(terminal, output, permissions(), permissionsText);
      if (out === undefined) throw usageError("where to? name a folder with --out");
      checkFolder(out);
      const takenAt = new Date().toISOString();
      const live = await liveSnapshot(context, where);
      const kept = redact === true ? redacted(live) : live;
      const manifest = manifestOf(kept, {
        takenAt,
        slash28: version,
        region: live.region,
        cluster: kept.cluster,
        isRedacted: redact === true,
      });
      writeSnapshot(out, kept.documents, manifest);
      for (const line of unreadText(live.unread)) terminal.err(`warning: ${line}`);
      printResult(terminal, output, { folder: out, ...manifest }, () => savedText(out, manifest.documents.length, live.unread.length));
    });
  command.addHelpText(
    "after",
    `
Examples:
  slash28 snapshot --out monday
  slash28 snapshot --out for-support --redact --kubeconfig prod.yaml --region eu-west-1
  slash28 snapshot --show-permissions -o json | jq .iamPolicy > policy.json
  slash28 doctor --snapshot monday`,
  );
  return command;
}

function savedText(folder: string, files: number, unread: number): string {
  const missing = unread === 0 ? "" : `; ${unread} reads failed, snapshot.json tells which`;
  return `${files} files in ${folder}${missing}\nlook at them with: slash28 doctor --snapshot ${folder}`;
}
