import type { TriedChapter } from "./tried.ts";

const GROUP = "--cluster-name $CLUSTER --nodegroup-name tried";

/** Launch templates, and a managed node group without nodes: what takes seconds. */
export const NODE_GROUPS: TriedChapter = {
  title: "Node groups and launch templates",
  files: {
    "userdata.txt": "#!/bin/bash\n/etc/eks/bootstrap.sh my-cluster \\\n--use-max-pods false \\\n--kubelet-extra-args '--max-pods=110'\n",
  },
  commands: [
    {
      command: "aws eks list-clusters --query 'clusters[0]' --output text",
      does: "the cluster's name",
      shows: [/^\S+$/m],
      keep: "CLUSTER",
    },
    { command: "aws eks list-nodegroups --cluster-name $CLUSTER", does: "the node groups of the cluster file", shows: [/"default"/] },
    {
      command: "aws eks describe-nodegroup --cluster-name $CLUSTER --nodegroup-name default --query nodegroup.nodeRole --output text",
      does: "the role of its nodes",
      shows: [/^arn:aws:iam::\d{12}:role\//m],
      keep: "ROLE",
    },
    {
      command: "aws ec2 describe-subnets --query 'Subnets[0].SubnetId' --output text",
      does: "a subnet for nodes",
      shows: [/^subnet-/m],
      keep: "SUBNET",
    },
    {
      command: `aws ec2 create-launch-template --launch-template-name tried --launch-template-data "{\\"ImageId\\": \\"ami-0a2b2c3d4e5f60718\\", \\"InstanceType\\": \\"m5.large\\", \\"UserData\\": \\"$(base64 -w0 userdata.txt)\\"}" --query LaunchTemplate.LaunchTemplateId --output text`,
      does: "a launch template with user data",
      shows: [/^lt-[0-9a-f]{17}$/m],
      keep: "LT_ID",
    },
    {
      command: `aws ec2 create-launch-template-version --launch-template-id $LT_ID --source-version 1 --launch-template-data '{"InstanceType": "m5.xlarge"}' --query 'LaunchTemplateVersion.[VersionNumber,LaunchTemplateData.ImageId]' --output text`,
      does: "another version, with the rest of the first",
      shows: [/2\s+ami-0a2b2c3d4e5f60718/],
    },
    {
      command:
        "aws ec2 describe-launch-template-versions --launch-template-id $LT_ID --versions '$Latest' '$Default' --query 'LaunchTemplateVersions[].VersionNumber' --output text",
      does: "the latest and the default version",
      shows: [/2\s+1/],
    },
    {
      command: "aws ec2 modify-launch-template --launch-template-id $LT_ID --default-version 2 --query LaunchTemplate.DefaultVersionNumber",
      does: "makes it the default",
      shows: [/2/],
    },
    {
      command: `aws eks create-nodegroup ${GROUP} --subnets $SUBNET --node-role $ROLE --launch-template id=$LT_ID,version=1 --scaling-config minSize=0,maxSize=1,desiredSize=0 --query nodegroup.status --output text`,
      does: "a node group of that template",
      shows: [/CREATING/],
    },
    {
      command: `aws eks describe-nodegroup ${GROUP} --query 'nodegroup.[status,amiType]' --output text`,
      does: "is ACTIVE once its nodes are ready",
      shows: [/ACTIVE\s+CUSTOM/],
      eventually: true,
    },
    {
      command: `aws eks update-nodegroup-version ${GROUP} --launch-template id=$LT_ID,version=2 --query update.id --output text`,
      does: "moves it to the other version",
      shows: [/^[0-9a-f-]{36}$/m],
      keep: "UPDATE",
    },
    {
      command: "aws eks describe-update --name $CLUSTER --nodegroup-name tried --update-id $UPDATE --query update.status --output text",
      does: "ends Successful",
      shows: [/Successful/],
      eventually: true,
    },
    {
      command: `aws eks update-nodegroup-config ${GROUP} --labels 'addOrUpdateLabels={tier=web}' --query update.type --output text`,
      does: "changes labels",
      shows: [/ConfigUpdate/],
    },
    {
      command:
        "aws eks create-nodegroup --cluster-name $CLUSTER --nodegroup-name no --subnets $SUBNET --node-role $ROLE --instance-types m5.huge",
      does: "refuses types that do not exist",
      exit: 254,
      shows: [/InvalidParameterException.*do not exist/],
    },
    {
      command: `aws eks delete-nodegroup ${GROUP} --query nodegroup.status --output text`,
      does: "deletes it",
      shows: [/DELETING/],
      eventually: true,
    },
    {
      command: `aws eks describe-nodegroup ${GROUP}`,
      does: "it is gone",
      exit: 254,
      shows: [/ResourceNotFoundException/],
      eventually: true,
    },
    { command: "aws ec2 delete-launch-template --launch-template-id $LT_ID", does: "deletes the template", shows: [/"tried"/] },
  ],
};
