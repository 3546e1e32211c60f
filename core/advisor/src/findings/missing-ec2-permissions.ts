import type { Finding } from "../finding.ts";
import { actionsDenied, agentIdentityOf, agentRolesOf, nodeRolesOf } from "../snapshot/agent-role.ts";
import { standingEvents } from "../snapshot/standing-events.ts";
import type { ClusterView } from "../snapshot/cluster-view.ts";
import { ROLLOUT } from "./commands.ts";
import { setEnvChange } from "./fleet-fixes.ts";
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
  title: "aws-node lacks permissions at EC2 that it needs",
  severity: "critical",
  explain:
    "aws-node, the agent that gives pods their addresses, makes network interfaces and assigns addresses with the permissions of its service account's role, or of the node's. Without them EC2 answers UnauthorizedOperation; nodes keep the addresses they have and get no more. It is found from its events, from its log, and from the policies of the role it acts as.",
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
        cause: isAllowed
          ? "The policies of aws-node's role allow what it needs, so something above them denies it: a permissions boundary, or a policy of the organisation. EC2 refuses its calls, and nodes get no more addresses than they have."
          : "The role that aws-node acts as lacks permissions of AmazonEKS_CNI_Policy, or something denies them. EC2 refuses its calls, and nodes get no more addresses than they have.",
        fix: isAllowed ? fixAbove(roleName(view, undefined)) : fixOf(roleName(view, roles[0]?.role.name)),
      },
    ];
  },
  // Refused agents ask again after a minute; IAM itself takes up to as long to let a change hold.
  effect: (view) => ({ kind: "simulate", changes: [setEnvChange(view, {})], stalledMs: 120_000 }),
};

/** The role that lacks something, or the one that the agent acts as. */
function roleName(view: ClusterView, lacking: string | undefined): string {
  const identity = agentIdentityOf(view);
  const own = identity?.kind === "own-role" ? identity.role : undefined;
  return lacking ?? own ?? nodeRolesOf(view)[0]?.name ?? "<role>";
}

const RESTART = "kubectl rollout restart daemonset aws-node -n kube-system";

function fixOf(role: string): Finding["fix"] {
  return {
    commands: [
      `aws iam attach-role-policy --role-name ${role} --policy-arn arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy`,
      RESTART,
      ROLLOUT,
    ],
    risk: "IAM takes seconds to minutes to let a change hold. A permissions boundary or an organisation's policy that denies stays in force.",
    needsNodeReplacement: false,
  };
}

/** Nothing that the role's owner types helps: these show who denies. */
function fixAbove(role: string): Finding["fix"] {
  const actions = NEEDED.join(" ");
  return {
    commands: [
      `aws iam get-role --role-name ${role} --query Role.PermissionsBoundary`,
      `aws iam simulate-principal-policy --policy-source-arn "$(aws iam get-role --role-name ${role} --query Role.Arn --output text)" --action-names ${actions} --query 'EvaluationResults[?EvalDecision!=\`allowed\`].[EvalActionName,EvalDecision]' --output text`,
      "aws sts get-caller-identity --query Account --output text   # have its owner look for a service control policy that denies",
      RESTART,
      ROLLOUT,
    ],
    risk: "The first commands only read. Whoever owns the boundary or the organisation's policy has to take the denial away; aws-node tries again once a minute by itself.",
    needsNodeReplacement: false,
  };
}
