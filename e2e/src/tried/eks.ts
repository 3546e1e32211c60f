import type { TriedChapter } from "./tried.ts";

const ADDON = "--cluster-name $CLUSTER --addon-name vpc-cni";

export const EKS: TriedChapter = {
  title: "EKS: clusters and add-ons",
  commands: [
    { command: "aws eks list-clusters --query 'clusters[0]' --output text", does: "the lab's cluster", shows: [/\w/], keep: "CLUSTER" },
    {
      command: "aws eks describe-cluster --name $CLUSTER --query 'cluster.resourcesVpcConfig.clusterSecurityGroupId' --output text",
      does: "the cluster security group",
      shows: [/^sg-[0-9a-f]{17}$/m],
    },
    {
      command: "aws eks describe-cluster --name $CLUSTER --query 'cluster.[status,version,endpoint,identity.oidc.issuer]' --output text",
      does: "its state, where it is reached, who signs its tokens",
      shows: [/^ACTIVE\s+1\.\d+\s+https:\/\/\S+\s+https:\/\/oidc\.eks\./m],
    },
    {
      command: "aws eks describe-cluster --name nothing",
      does: "says that there is none",
      exit: 254,
      shows: [/No cluster found for name: nothing\./],
    },
    { command: "aws eks list-addons --cluster-name $CLUSTER", does: "its add-ons", shows: [/"kube-proxy"/, /"vpc-cni"/] },
    {
      command: `aws eks describe-addon ${ADDON}`,
      does: "version, status and configuration",
      shows: [/"status": "ACTIVE"/, /"addonVersion": "v1\.\d+\.\d+-eksbuild\.\d+"/],
    },
    {
      command:
        "aws eks describe-addon-versions --kubernetes-version 1.32 --query 'addons[].[addonName,addonVersions[0].addonVersion]' --output text",
      does: "the newest version of each add-on for a Kubernetes version",
      shows: [/vpc-cni\s+v1/, /eks-pod-identity-agent\s+v1/],
    },
    {
      command:
        "aws eks describe-addon-configuration --addon-name vpc-cni --addon-version v1.22.3-eksbuild.1 --query configurationSchema --output text | jq -r '.properties.env.properties | keys[]'",
      does: "the variables the add-on takes",
      shows: [/^WARM_IP_TARGET$/m],
    },
    {
      command: `aws eks update-addon ${ADDON} --configuration-values '{"env":{"WARM_IP_TRAGET":"2"}}'`,
      does: "refuses a misspelled variable as EKS does",
      exit: 254,
      shows: [/\$\.env\.WARM_IP_TRAGET: is not defined in the schema/],
    },
    {
      command: `aws eks update-addon ${ADDON} --resolve-conflicts OVERWRITE --configuration-values '{"env":{"IP_COOLDOWN_PERIOD":"31"}}' --query update.id --output text`,
      does: "configures the running agents",
      shows: [/^[0-9a-f-]{36}$/m],
      keep: "UPDATE",
    },
    { command: `aws eks wait addon-active ${ADDON}`, does: "waits until they have rolled" },
    {
      command: "aws eks describe-update --name $CLUSTER --addon-name vpc-cni --update-id $UPDATE --query update.status --output text",
      does: "what became of it",
      shows: [/^Successful$/m],
    },
    {
      command:
        "kubectl get daemonset aws-node -n kube-system -o json | jq -c '.spec.template.spec.containers[0].env[] | select(.name == \"IP_COOLDOWN_PERIOD\")'",
      does: "the DaemonSet has it",
      shows: [/"value":"31"/],
    },
    {
      command: `aws eks update-addon ${ADDON} --resolve-conflicts OVERWRITE --configuration-values '{}'`,
      does: "goes back to the defaults",
      shows: [/InProgress/],
    },
    { command: `aws eks wait addon-active ${ADDON}`, does: "waits again" },
    {
      command:
        "aws ec2 describe-network-interfaces --filters \"Name=description,Values=Amazon EKS $CLUSTER\" --query 'NetworkInterfaces[].[Status,RequesterManaged]' --output text",
      does: "the ENIs of its control plane",
      shows: [/^in-use\s+True$/m],
    },
    {
      command: "aws eks update-kubeconfig --name $CLUSTER --kubeconfig ./kubeconfig",
      does: "a kubeconfig that asks aws for tokens",
      shows: [/Added new context/],
    },
    {
      command: "kubectl --kubeconfig ./kubeconfig auth whoami",
      does: "who that is in the cluster",
      shows: [/arn:aws:iam::\d{12}:user\/lab/],
    },
    {
      command:
        "aws eks create-cluster --name second --role-arn arn:aws:iam::123456789012:role/slash28-cluster --resources-vpc-config subnetIds=$(aws ec2 describe-subnets --query 'Subnets[].SubnetId' --output text | tr '\\t' ',') --query cluster.status --output text",
      does: "another cluster",
      shows: [/^CREATING$/m],
    },
    { command: "aws eks wait cluster-active --name second", does: "waits for it" },
    { command: "aws eks update-kubeconfig --name second --kubeconfig ./second", does: "its kubeconfig" },
    { command: "kubectl --kubeconfig ./second get namespaces", does: "its own namespaces", shows: [/kube-system\s+Active/] },
    { command: "aws eks delete-cluster --name second --query cluster.status --output text", does: "deletes it", shows: [/^DELETING$/m] },
    { command: "aws eks wait cluster-deleted --name second", does: "waits until it is gone" },
  ],
};
