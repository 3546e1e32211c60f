import { eniQuotaOfFleet } from "../effect/fleet-of-snapshot.ts";
import { QUOTAS } from "@slash28/vpc";
import { counted, fact, type Check } from "./check.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";

/** From this share of the quota on it is told: a scale-out of a tenth of the fleet would hit it. */
const NEAR = 0.9;

export const accountEniQuota: Check = {
  id: "account-eni-quota",
  title: "The account has nearly as many network interfaces as it may",
  severity: "warning",
  explain: `AWS lets an account have so many network interfaces in a Region (${QUOTAS.enis.title}, ${QUOTAS.enis.code}; ${QUOTAS.enis.defaultValue} unless it was raised). Nodes, load balancers, branch ENIs and everything else count. At the limit EC2 answers NetworkInterfaceLimitExceeded, and new nodes get no further ENI.`,
  needs: ["enis"],
  uses: ["quotas", "logSigns"],
  find: ({ snapshot }) => {
    const told = snapshot.quotas?.find(({ code }) => code === QUOTAS.enis.code)?.value;
    const quota = told ?? QUOTAS.enis.defaultValue;
    const held = snapshot.enis?.length ?? 0;
    const refused = (snapshot.logSigns ?? []).filter(({ sign }) => sign === "NetworkInterfaceLimitExceeded");
    const isRefused = refused.length > 0 && held >= quota * NEAR;
    if (held < quota * NEAR && !isRefused) return [];
    return [
      {
        severity: held >= quota || isRefused ? ("critical" as const) : ("warning" as const),
        objects: [{ kind: "Quota", name: QUOTAS.enis.code }],
        evidence: [
          fact(`the account has ${held} network interfaces in the Region`, held),
          fact(
            told === undefined ? `AWS's default quota is ${quota}; the account's own is not in the snapshot` : `its quota is ${quota}`,
            quota,
          ),
          ...refused.map(({ source, lines }) => fact(`${source} says NetworkInterfaceLimitExceeded ${counted(lines, "time")}`, lines)),
        ],
        cause: `Every network interface counts towards ${QUOTAS.enis.title}: those of nodes, of load balancers and of pods with security groups of their own. At ${quota} EC2 makes no more, whatever subnets and instance types allow.`,
        fix: {
          commands: [
            `aws service-quotas request-service-quota-increase --service-code vpc --quota-code ${QUOTAS.enis.code} --desired-value ${raisedQuota(snapshot)}`,
            "aws ec2 describe-network-interfaces --filters Name=status,Values=available --query 'NetworkInterfaces[].[NetworkInterfaceId,Description]' --output table",
          ],
          risk: "AWS may take days to agree, and nothing changes until then. Network interfaces that are available and of nobody can be deleted meanwhile; look at their descriptions first.",
          needsNodeReplacement: false,
        },
      },
    ];
  },
  effect: (view) => ({
    kind: "simulate",
    changes: [{ kind: "raise-eni-quota", atMs: 0, eniQuota: eniQuotaOfFleet(view, raisedQuota(view.snapshot)) }],
  }),
};

/** Twice what there is, or the next thousands: AWS asks less for round numbers. */
function raisedQuota({ quotas, enis }: Snapshot): number {
  const quota = quotas?.find(({ code }) => code === QUOTAS.enis.code)?.value ?? QUOTAS.enis.defaultValue;
  return Math.max(quota * 2, Math.ceil((enis?.length ?? 0) / 1000) * 2000);
}
