import type { SnapshotDocument } from "@slash28/advisor";

/** What kubectl and the AWS CLI print of a small cluster: each document as a file of the name would have it. */
const node = {
  apiVersion: "v1",
  kind: "Node",
  metadata: {
    name: "ip-10-0-1-10.ec2.internal",
    labels: {
      "topology.kubernetes.io/zone": "us-east-1a",
      "node.kubernetes.io/instance-type": "m5.large",
      "eks.amazonaws.com/nodegroup": "workers",
    },
  },
  spec: { providerID: "aws:///us-east-1a/i-0123456789abcdef0" },
  status: {
    capacity: { pods: "29", cpu: "2" },
    allocatable: { pods: "29", "vpc.amazonaws.com/pod-eni": "9" },
    conditions: [{ type: "Ready", status: "True" }],
    addresses: [{ type: "InternalIP", address: "10.0.1.10" }],
  },
};

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "web-1",
    namespace: "shop",
    labels: { app: "web" },
    ownerReferences: [{ kind: "ReplicaSet", name: "web", controller: true }],
  },
  spec: { nodeName: "ip-10-0-1-10.ec2.internal", containers: [{ image: "nginx", env: [{ name: "MODE", value: "x" }] }] },
  status: { phase: "Running", podIP: "10.0.1.21", podIPs: [{ ip: "10.0.1.21" }], conditions: [{ type: "Ready", status: "True" }] },
};

const awsNode = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "aws-node", namespace: "kube-system" },
  spec: {
    template: {
      spec: {
        serviceAccountName: "aws-node",
        containers: [
          {
            name: "aws-node",
            image: "602401143452.dkr.ecr.us-east-1.amazonaws.com/amazon-k8s-cni:v1.21.1-eksbuild.1",
            env: [
              { name: "WARM_ENI_TARGET", value: "1" },
              { name: "MY_NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
            ],
          },
        ],
      },
    },
  },
};

const eni = {
  NetworkInterfaceId: "eni-0aaaaaaaaaaaaaaa1",
  SubnetId: "subnet-0aaaaaaaaaaaaaaa1",
  Attachment: { InstanceId: "i-0123456789abcdef0", DeviceIndex: 0 },
  PrivateIpAddress: "10.0.1.10",
  PrivateIpAddresses: [
    { PrivateIpAddress: "10.0.1.10", Primary: true },
    { PrivateIpAddress: "10.0.1.21", Primary: false },
  ],
  Ipv4Prefixes: [{ Ipv4Prefix: "10.0.1.32/28" }],
  Groups: [{ GroupId: "sg-0aaaaaaaaaaaaaaa1", GroupName: "nodes" }],
  InterfaceType: "interface",
  Description: "aws-K8S-i-0123456789abcdef0",
  TagSet: [{ Key: "team", Value: "a" }],
};

export const DOCUMENTS: readonly SnapshotDocument[] = [
  { name: "nodes.json", value: { apiVersion: "v1", kind: "List", items: [node] } },
  { name: "pods.json", value: { apiVersion: "v1", kind: "PodList", items: [{ ...pod, kind: undefined, apiVersion: undefined }] } },
  { name: "a.json", value: awsNode },
  { name: "eniconfigs.json", value: { apiVersion: "v1", kind: "List", items: [] } },
  {
    name: "b.json",
    value: {
      kind: "List",
      items: [
        {
          apiVersion: "vpcresources.k8s.aws/v1beta1",
          kind: "SecurityGroupPolicy",
          metadata: { name: "db", namespace: "shop" },
          spec: { podSelector: { matchLabels: { app: "web" } }, securityGroups: { groupIds: ["sg-0aaaaaaaaaaaaaaa2"] } },
        },
        { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "shop" } },
        {
          apiVersion: "v1",
          kind: "Event",
          metadata: { name: "web-1.1", namespace: "shop" },
          reason: "FailedCreatePodSandBox",
          message: "failed to assign an IP address to container",
          type: "Warning",
          count: 7,
          involvedObject: { kind: "Pod", namespace: "shop", name: "web-1" },
        },
        { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "shop" } },
      ],
    },
  },
  {
    name: "c.json",
    value: {
      Subnets: [
        {
          SubnetId: "subnet-0aaaaaaaaaaaaaaa1",
          VpcId: "vpc-0aaaaaaaaaaaaaaa1",
          AvailabilityZone: "us-east-1a",
          CidrBlock: "10.0.1.0/24",
          AvailableIpAddressCount: 200,
          Tags: [{ Key: "Name", Value: "a" }],
        },
      ],
    },
  },
  { name: "d.json", value: { NetworkInterfaces: [eni] } },
  {
    name: "e.json",
    value: {
      Reservations: [
        {
          Instances: [
            {
              InstanceId: "i-0123456789abcdef0",
              InstanceType: "m5.large",
              State: { Name: "running" },
              Placement: { AvailabilityZone: "us-east-1a" },
              SubnetId: "subnet-0aaaaaaaaaaaaaaa1",
              MetadataOptions: { HttpEndpoint: "enabled", HttpTokens: "required", HttpPutResponseHopLimit: 2 },
            },
          ],
        },
      ],
    },
  },
  { name: "f.json", value: { Quota: { QuotaCode: "L-DF5E4CA3", QuotaName: "Network interfaces per Region", Value: 5000 } } },
  {
    name: "g.json",
    value: {
      cluster: {
        name: "prod",
        version: "1.32",
        kubernetesNetworkConfig: { ipFamily: "ipv4" },
        resourcesVpcConfig: {
          vpcId: "vpc-0aaaaaaaaaaaaaaa1",
          subnetIds: ["subnet-0aaaaaaaaaaaaaaa1"],
          clusterSecurityGroupId: "sg-0aaaaaaaaaaaaaaa1",
        },
      },
    },
  },
  {
    name: "h.json",
    value: { addon: { addonName: "vpc-cni", addonVersion: "v1.21.1-eksbuild.1", status: "ACTIVE", health: { issues: [] } } },
  },
  {
    name: "attached-role-policies-node-role.json",
    value: { AttachedPolicies: [{ PolicyName: "AmazonEKS_CNI_Policy", PolicyArn: "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy" }] },
  },
  {
    name: "node-1/iptables.txt",
    value: "*mangle\n:FORWARD DROP [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\nCOMMIT\n",
  },
  {
    name: "node-1/ipamd.log",
    value:
      '{"level":"info"}\n{"level":"error","msg":"InsufficientFreeAddressesInSubnet: no"}\n{"level":"error","msg":"InsufficientFreeAddressesInSubnet: no"}\n',
  },
  {
    name: "node-1/enis.json",
    value: {
      "0": {
        TotalIPs: 1,
        AssignedIPs: 1,
        ENIs: {
          "eni-0aaaaaaaaaaaaaaa1": {
            AvailableIPv4Cidrs: {
              "10.0.1.21/32": {
                IsPrefix: false,
                IPAddresses: {
                  "10.0.1.21": {
                    IPAMKey: { networkName: "aws-cni", containerID: "c", ifName: "eth0" },
                    IPAMMetadata: { k8sPodNamespace: "shop", k8sPodName: "web-1" },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
];
