import { counted, fact, type Check } from "./check.ts";
import { NOTHING_MOVES } from "../effect/planned-effect.ts";

export const forwardPolicyDrop: Check = {
  id: "forward-policy-drop",
  title: "A node drops packets that it should forward to pods",
  severity: "critical",
  explain:
    "Packets from and to pods are forwarded by their node. EKS's images leave the forward chain's policy at ACCEPT; many other images, and Docker, set it to DROP, and then no packet passes between a pod and another node. kubelet.service of a custom image must set it back.",
  needs: ["firewalls"],
  uses: [],
  find: ({ snapshot }) => {
    const dropping = (snapshot.firewalls ?? []).filter(({ forwardPolicy }) => forwardPolicy === "drop");
    if (dropping.length === 0) return [];
    return [
      {
        objects: dropping.map(({ source }) => ({ kind: "Node", name: source })),
        evidence: dropping.map(({ source }) => fact(`${source}: the policy of the forward chain is DROP`, "DROP")),
        cause: `On ${counted(dropping.length, "node")} the firewall drops forwarded packets that no rule lets through. Pods there reach nothing beyond their node.`,
        fix: {
          commands: [
            "iptables -P FORWARD ACCEPT   # on each of these nodes, as root",
            "mkdir -p /etc/systemd/system/kubelet.service.d && printf '[Service]\\nExecStartPre=/sbin/iptables -P FORWARD ACCEPT -w 5\\n' > /etc/systemd/system/kubelet.service.d/forward.conf   # in the image, for the nodes to come",
          ],
          risk: "The node forwards whatever its rules let through; security groups and network policies go on to hold.",
          needsNodeReplacement: false,
        },
      },
    ];
  },
  effect: () => NOTHING_MOVES,
};
