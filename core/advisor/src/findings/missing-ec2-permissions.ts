import type { Finding } from "../finding.ts";
import { actionsDenied, agentIdentityOf, agentRolesOf } from "../snapshot/agent-role.ts";
import { standingEvents } from "../snapshot/standing-events.ts";
import { counted, fact, named, objectOf, type Check, type Found } from "./check.ts";

/** What the agent cannot do without (the VPC CNI's own list, less what only tags and looks up). */
const NEEDED = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:AttachNetworkInterface",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeInstances",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DetachNetworkInterface",
  "ec2:ModifyNetworkInterfaceAttribute",
  "ec2:UnassignPrivateIpAddresses",
];
const REFUSALS = /^Missing(?:IAMPermissions|Credentials)/;

export const missingEc2Permissions: Check = {
  id: "missing-ec2-permissions",
  title: "The agent may not do at EC2 what it has to",
  severity: "critical",
  explain:
    "The agent makes ENIs and assigns addresses with the permissions of its service account's role, or of the node's. Without them EC2 answers UnauthorizedOperation; nodes keep the addresses they have and get no more. It is found from the agent's events, from its log, and from the policies of the role it acts as.",
  needs: [],
  uses: ["events", "logSigns", "roles", "addons", "nodeGroups", "serviceAccounts", "podIdentities"],
  find: (view): readonly Found[] => {
    const { logSigns = [], addons = [] } = view.snapshot;
    const told = standingEvents(view.snapshot, REFUSALS);
    const issues = addons
      .filter(({ name }) => name === "vpc-cni")
      .flatMap((addon) => addon.issues.filter(({ code }) => /AccessDenied|Permission/.test(code)));
    const judged = agentRolesOf(view).map((role) => ({ role, denied: actionsDenied(role, NEEDED) }));
    const roles = judged.flatMap(({ role, denied = [] }) => (denied.length === 0 ? [] : [{ role, denied }]));
    // A log keeps what it said; where the role's policies allow all today, it speaks of the past.
    const isAllowed = judged.length > 0 && judged.every(({ denied }) => denied?.length === 0);
    const logged = isAllowed ? [] : logSigns.filter(({ sign }) => sign === "UnauthorizedOperation");
    if (told.length + logged.length + issues.length + roles.length === 0) return [];
    const identity = agentIdentityOf(view);
    const role = roles[0]?.role.name ?? (identity?.kind === "own-role" ? identity.role : undefined) ?? "<role>";
    return [
      {
        objects: [
          objectOf("DaemonSet", { namespace: "kube-system", name: "aws-node" }),
          ...roles.map(({ role: { name } }) => ({ kind: "Role", name })),
        ],
        evidence: [
          ...told.map(({ reason, message, count }) => fact(`event ${reason}, ${counted(count, "time")}: ${message}`, count)),
          ...logged.map(({ source, lines, example }) => fact(`${source}, ${counted(lines, "line")}: ${example}`, lines)),
          ...issues.map(({ code, message }) => fact(`the add-on's health says ${code}: ${message}`, code)),
          ...roles.map(({ role: { name, attached }, denied }) =>
            fact(
              `the role ${name} (${attached.length === 0 ? "no managed policy" : named(attached)}) may not do ${named(denied)}`,
              denied.length,
            ),
          ),
        ],
        cause:
          "The role that the agent acts as lacks permissions of AmazonEKS_CNI_Policy, or something denies them. EC2 refuses its calls, and its pool stays as it is.",
        fix: fixOf(role),
      },
    ];
  },
};

function fixOf(role: string): Finding["fix"] {
  return {
    commands: [
      `aws iam attach-role-policy --role-name ${role} --policy-arn arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy`,
      "kubectl rollout restart daemonset aws-node -n kube-system",
    ],
    risk: "IAM takes seconds to minutes to let a change hold. A permissions boundary or an organisation's policy that denies stays in force.",
    needsNodeReplacement: false,
  };
}
