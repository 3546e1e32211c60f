import type { TriedChapter } from "./tried.ts";

export const INSPECT: TriedChapter = {
  title: "Looking around",
  commands: [
    { command: "kubectl version -o json", does: "client and server versions", shows: [/"serverVersion"/] },
    { command: "kubectl get nodes", does: "the nodes, Ready", shows: [/NAME\s+STATUS\s+ROLES\s+AGE\s+VERSION/, /Ready/] },
    { command: "kubectl get nodes -o jsonpath='{.items[0].metadata.name}'", does: "a node's name", shows: [/^ip-/], keep: "NODE" },
    { command: "kubectl describe node $NODE", does: "capacity, conditions, pods", shows: [/Capacity:/, /Non-terminated Pods:/] },
    { command: "kubectl get pods -A -o wide", does: "every pod with its address", shows: [/aws-node-/] },
    { command: "kubectl get pod nothing", does: "says that there is none", exit: 1, shows: [/pods "nothing" not found/] },
    { command: "kubectl api-resources", does: "the kinds there are", shows: [/daemonsets\s+ds\s+apps\/v1/] },
    { command: "kubectl cluster-info", does: "where the API is", shows: [/is running at/] },
    {
      command: "aws ec2 describe-vpcs --query 'Vpcs[0].VpcId' --output text",
      does: "the VPC",
      shows: [/^vpc-[0-9a-f]{17}$/m],
      keep: "VPC",
    },
    {
      command:
        "aws ec2 describe-subnets --filters Name=vpc-id,Values=$VPC --query 'Subnets[*].[SubnetId,AvailableIpAddressCount]' --output text",
      does: "the free addresses of its subnets",
      shows: [/subnet-[0-9a-f]{17}\s+\d+/],
    },
    { command: "aws sts get-caller-identity", does: "who is asking", shows: [/"Account": "\d{12}"/] },
    {
      command: "aws ec2 describe-subnets --subnet-ids subnet-00000000000000000",
      does: "refuses an unknown id as EC2 does",
      exit: 254,
      shows: [/InvalidSubnetID\.NotFound/],
    },
  ],
};
