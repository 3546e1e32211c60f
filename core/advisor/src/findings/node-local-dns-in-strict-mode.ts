import { enforcingMode, policiesInForce } from "../snapshot/group-policies.ts";
import { counted, fact, objectOf, type Check } from "./check.ts";
import { ROLLOUT, setEnv } from "./commands.ts";
import { restartCommands } from "./restart-commands.ts";

const CACHE = /node-local-dns|nodelocaldns|k8s-dns-node-cache/;

export const nodeLocalDnsInStrictMode: Check = {
  id: "node-local-dns-in-strict-mode",
  title: "NodeLocal DNSCache cannot be reached by pods with security groups of their own",
  severity: "critical",
  explain:
    "In strict mode packets of a pod with a branch ENI leave the node through the trunk without meeting its own rules and addresses. NodeLocal DNSCache listens on an address of the node (169.254.20.10), which such a pod therefore never reaches: its lookups time out. In standard mode they pass through the node.",
  needs: ["daemonSets", "securityGroupPolicies", "pods"],
  uses: ["serviceAccounts"],
  find: (view) => {
    const cache = view.snapshot.daemonSets?.find(
      ({ name, containers }) => CACHE.test(name) || containers.some(({ image }) => CACHE.test(image)),
    );
    if (cache === undefined || !view.isOn("ENABLE_POD_ENI") || enforcingMode(view) === "standard") return [];
    const inForce = policiesInForce(view);
    if (inForce.length === 0) return [];
    const pods = new Set(inForce.flatMap((each) => each.pods)).size;
    return [
      {
        objects: [objectOf("DaemonSet", cache), ...inForce.map(({ policy }) => objectOf("SecurityGroupPolicy", policy))],
        evidence: [
          fact(`the DaemonSet ${cache.namespace}/${cache.name} is NodeLocal DNSCache`),
          fact(
            `POD_SECURITY_GROUP_ENFORCING_MODE is ${view.env["POD_SECURITY_GROUP_ENFORCING_MODE"] ?? "not set, which means strict"}`,
            "strict",
          ),
          fact(`${counted(pods, "pod")} ${pods === 1 ? "has" : "have"} security groups by policies`, pods),
        ],
        cause:
          "In strict mode packets of these pods leave the node without passing its own network, where the cache listens. Every name they look up there times out.",
        fix: {
          commands: [
            setEnv({ POD_SECURITY_GROUP_ENFORCING_MODE: "standard" }),
            ROLLOUT,
            ...restartCommands(inForce.flatMap((each) => each.pods)),
          ],
          risk: "In standard mode the node's security groups hold for their traffic that passes through it, and source NAT applies. The new mode holds for pods that are made from then on.",
          needsNodeReplacement: false,
        },
      },
    ];
  },
  effect: (view) => ({ kind: "nothing-moves", podsToRestart: new Set(policiesInForce(view).flatMap(({ pods }) => pods)).size }),
};
