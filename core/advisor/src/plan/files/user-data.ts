import { stringify } from "yaml";
import type { Plan, PlannedNodeGroup } from "../plan-types.ts";
import { placeholder, type PlanFile } from "./plan-file.ts";

const SYSTEMS = ["al2", "al2023", "bottlerocket"] as const;

/** Where a group's user data lies; Terraform puts its own variable for the system. */
export function userDataPath(group: PlannedNodeGroup, system: string): string {
  return `user-data/${group.name}.${system}.txt`;
}

/**
 * User data for launch templates that name an image of EKS: with those EKS adds nothing of its own. (Without an image it adds a max pods of its own,
 * and that one holds.)
 */
export function userDataFiles(plan: Plan): readonly PlanFile[] {
  const texts = { al2, al2023, bottlerocket };
  return plan.nodeGroups.flatMap((group) =>
    SYSTEMS.map((system) => ({ path: userDataPath(group, system), text: texts[system](plan, group) })),
  );
}

/** Amazon Linux 2: the script finds endpoint and certificate itself. */
function al2({ name, vpc }: Plan, { maxPods }: PlannedNodeGroup): string {
  const family = vpc.hasIpv6 ? " --ip-family ipv6" : "";
  return [
    "#!/bin/bash",
    "set -e",
    `/etc/eks/bootstrap.sh ${name}${family} --use-max-pods false --kubelet-extra-args '--max-pods=${maxPods}'`,
    "",
  ].join("\n");
}

/** Amazon Linux 2023: nodeadm asks for all of the cluster. */
function al2023({ name, vpc }: Plan, { maxPods }: PlannedNodeGroup): string {
  const config = stringify({
    apiVersion: "node.eks.aws/v1alpha1",
    kind: "NodeConfig",
    spec: {
      cluster: {
        name,
        apiServerEndpoint: placeholder("api_server_endpoint"),
        certificateAuthority: placeholder("certificate_authority"),
        cidr: vpc.hasIpv6 ? placeholder("service_cidr") : vpc.serviceCidr,
      },
      kubelet: { config: { maxPods } },
    },
  });
  const boundary = "==NODECONFIG==";
  return [
    "MIME-Version: 1.0",
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    "",
    `--${boundary}`,
    "Content-Type: application/node.eks.aws",
    "",
    config,
    `--${boundary}--`,
    "",
  ].join("\n");
}

function bottlerocket({ name }: Plan, { maxPods }: PlannedNodeGroup): string {
  return [
    "[settings.kubernetes]",
    `cluster-name = "${name}"`,
    `api-server = "${placeholder("api_server_endpoint")}"`,
    `cluster-certificate = "${placeholder("certificate_authority")}"`,
    `max-pods = ${maxPods}`,
    "",
  ].join("\n");
}
