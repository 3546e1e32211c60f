import type { TriedChapter } from "./tried.ts";

export const FAULTS: TriedChapter = {
  title: "Bad days, ordered",
  commands: [
    {
      command: "aws ec2 describe-subnets --query 'Subnets[0].SubnetId' --output text",
      does: "a subnet",
      shows: [/^subnet-/],
      keep: "SUBNET",
    },
    {
      command: "slash28 lab fault fill-subnet $SUBNET --leave 2 --for 5m",
      does: "others take all but two addresses",
      shows: [/^fault-\d+: \d+ addresses of subnet-\w+ \([\d./]+\) taken by others, 2 left, until/],
    },
    {
      command: "aws ec2 describe-subnets --subnet-ids $SUBNET --query 'Subnets[0].AvailableIpAddressCount'",
      does: "two are free",
      shows: [/^2$/m],
    },
    { command: "slash28 lab fault clear", does: "they are given back", shows: [/^ended fault-\d+ \(fill-subnet\)$/m] },
    {
      command: "slash28 lab fault fragment-subnet $SUBNET --for 5m",
      does: "no /28 is left",
      shows: [/prefixes were free, 0 are, with \d+ single addresses/],
    },
    {
      command: "aws ec2 create-network-interface --subnet-id $SUBNET --ipv4-prefix-count 1",
      does: "refuses a prefix in EC2's words",
      exit: 254,
      shows: [/InvalidParameterValue.*sufficient free/],
    },
    { command: "slash28 lab fault clear", does: "given back", shows: [/fragment-subnet/] },
    {
      command: "slash28 lab fault deny-permission ec2:CreateNetworkInterface --for 5m",
      does: "a permission is gone",
      shows: [/denied to everyone/],
    },
    {
      command: "aws ec2 create-network-interface --subnet-id $SUBNET",
      does: "refused as on EC2",
      exit: 254,
      shows: [/UnauthorizedOperation/],
    },
    {
      command: "slash28 lab fault latency --delay-ms 100 --actions sts:* --for 5m",
      does: "STS answers later",
      shows: [/answered 100 ms later/],
    },
    { command: "slash28 lab fault list", does: "both are in force", shows: [/deny-permission/, /latency/] },
    { command: "slash28 lab fault clear", does: "ends both", shows: [/deny-permission\), fault-\d+ \(latency\)/] },
    {
      command: "slash28 lab events",
      does: "tells what was ordered, and what met it",
      shows: [/fault-ended .*deny-permission was cleared: [1-9]\d* calls? met it/],
    },
    {
      command: "slash28 lab fault cut-node nobody --for 1m",
      does: "says which nodes there are",
      exit: 1,
      shows: [/there is no node nobody in \S+; there is ip-/],
    },
    { command: "slash28 lab fault meteor", does: "is no fault", exit: 2 },
  ],
};
