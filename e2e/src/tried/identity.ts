import type { TriedChapter } from "./tried.ts";

const NODE = "--role-name slash28-node";
const CNI = "--policy-arn arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy";
const TRUST = `'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}'`;
const READ = `'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}'`;
const AS_READER = `AWS_ACCESS_KEY_ID=$KEY AWS_SECRET_ACCESS_KEY=$SECRET AWS_SESSION_TOKEN=$TOKEN`;
const ASSUME = "aws sts assume-role --role-arn $READER --role-session-name me --output text";
const SIMULATE =
  "aws iam simulate-principal-policy --policy-source-arn $NODE_ROLE --query 'EvaluationResults[].EvalDecision' --output text";
const ALARM = "--alarm-name subnet-nearly-full";

/** Roles and what they may do, sessions of them, an alarm and a quota; and all of it taken away again. */
export const IDENTITY: TriedChapter = {
  title: "Identities, alarms and quotas",
  commands: [
    { command: "aws sts get-caller-identity --query Arn --output text", does: "who you are", shows: [/^arn:aws:iam::\d{12}:user\/lab$/m] },
    {
      command: `aws iam list-attached-role-policies ${NODE} --query 'AttachedPolicies[].PolicyName' --output text`,
      does: "what the nodes may do",
      shows: [/AmazonEKS_CNI_Policy/, /AmazonEKSWorkerNodePolicy/],
    },
    {
      command: `aws iam get-role ${NODE} --query Role.Arn --output text`,
      does: "the nodes' role",
      keep: "NODE_ROLE",
      shows: [/^arn:aws:iam/],
    },
    {
      command: `${SIMULATE} --action-names ec2:AssignPrivateIpAddresses`,
      does: "asks whether the CNI may assign addresses",
      shows: [/^allowed$/m],
    },
    { command: `aws iam detach-role-policy ${NODE} ${CNI}`, does: "takes the CNI's policy from the nodes" },
    { command: `${SIMULATE} --action-names ec2:AssignPrivateIpAddresses`, does: "asks again", shows: [/^implicitDeny$/m] },
    { command: `aws iam attach-role-policy ${NODE} ${CNI}`, does: "gives it back" },
    {
      command: `aws iam create-role --role-name reader --assume-role-policy-document ${TRUST} --query Role.Arn --output text`,
      does: "makes a role that the account may take",
      keep: "READER",
      shows: [/role\/reader$/m],
    },
    { command: `aws iam put-role-policy --role-name reader --policy-name read --policy-document ${READ}`, does: "which may look at EC2" },
    {
      command: `${ASSUME} --query Credentials.AccessKeyId`,
      does: "takes it; a session's keys are good for their own token only",
      shows: [/^ASIA/],
    },
    {
      command: `eval "$(${ASSUME} --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' | awk '{print "KEY=" $1 " SECRET=" $2 " TOKEN=" $3}')"; ${AS_READER} aws ec2 describe-vpcs --query 'Vpcs[].State' --output text; ${AS_READER} aws iam list-roles`,
      does: "looks at EC2 with the role's session, and may not look at IAM",
      exit: 254,
      shows: [/available/, /AccessDenied.*assumed-role\/reader\/me is not authorized to perform: iam:ListRoles/s],
    },
    {
      command: "aws iam create-role --role-name wrong --assume-role-policy-document '{'",
      does: "refuses a policy that is none",
      exit: 254,
      shows: [/MalformedPolicyDocument.*invalid Json/s],
    },
    { command: "aws iam delete-role --role-name reader", does: "refuses while a policy hangs on it", exit: 254, shows: [/DeleteConflict/] },
    {
      command: "aws iam delete-role-policy --role-name reader --policy-name read && aws iam delete-role --role-name reader",
      does: "takes it away",
    },
    {
      command: "aws ec2 describe-subnets --query 'Subnets[0].SubnetId' --output text",
      does: "a subnet",
      keep: "SUBNET",
      shows: [/^subnet-/],
    },
    {
      command: `aws cloudwatch put-metric-alarm ${ALARM} --namespace Slash28/VPC --metric-name AvailableIpAddressCount --dimensions Name=SubnetId,Value=$SUBNET --statistic Minimum --period 60 --evaluation-periods 1 --threshold 100000 --comparison-operator LessThanThreshold`,
      does: "an alarm on its free addresses",
    },
    {
      command: `aws cloudwatch describe-alarms --alarm-names subnet-nearly-full --query 'MetricAlarms[0].StateValue' --output text`,
      does: "goes off",
      shows: [/^ALARM$/m],
      eventually: true,
    },
    { command: "aws cloudwatch delete-alarms --alarm-names subnet-nearly-full", does: "takes it away" },
    {
      command: "aws service-quotas get-service-quota --service-code vpc --quota-code L-DF5E4CA3 --query Quota.Value --output text",
      does: "how many ENIs the account may have",
      shows: [/^\d+(?:\.0)?$/m],
    },
  ],
};
