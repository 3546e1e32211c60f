import { limitsOf } from "@slash28/limits";
import { bootNode, decodeBase64Text } from "@slash28/node-bootstrap";
import { expect, test } from "vitest";
import { deriveLaunch, type CniSettings, type DerivedLaunch, type Nodegroup } from "../src/index.ts";
import { anActiveGroup, TEMPLATE } from "./a-group.ts";

const cluster = {
  name: "demo",
  endpoint: "https://10.0.0.1",
  certificateAuthority: "Y2E=",
  serviceCidr: "10.100.0.0/16",
  dnsAddress: "10.100.0.10",
  securityGroupId: "sg-cluster",
};
const plain: CniSettings = { version: "1.19.0", hasPrefixDelegation: false, hasCustomNetworking: false, isIpv6: false };

function derive(group: Nodegroup, template?: Readonly<Record<string, unknown>>, cni: Partial<CniSettings> = {}): DerivedLaunch {
  const derived = deriveLaunch({ group, template, cluster, cni: { ...plain, ...cni }, instanceProfile: "eks-profile" });
  if (!derived.ok) throw new Error(derived.problems.join());
  return derived.value;
}

function kubelet({ data, instanceTypes }: DerivedLaunch) {
  const userData = decodeBase64Text(String(data["UserData"])) ?? "";
  const booted = bootNode({ imageId: String(data["ImageId"]), userData, limits: limitsOf(instanceTypes[0]!)!, clusterName: "demo" });
  if (!booted.ok) throw new Error(booted.problems.join());
  return booted.value.kubelet;
}

test("without a template EKS writes everything: image, role, groups, tags, metadata options, labels, taints", () => {
  const group = anActiveGroup({ labels: { team: "red" }, taints: [{ key: "t", value: "v", effect: "NoSchedule" }] });
  const derived = derive(group);
  expect(derived.data).toMatchObject({
    ImageId: "ami-0a1b2c3d4e5f60718",
    IamInstanceProfile: { Name: "eks-profile" },
    MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2 },
    SecurityGroupIds: ["sg-cluster"],
  });
  const [{ Tags }] = derived.data["TagSpecifications"] as [{ Tags: { Key: string; Value: string }[] }];
  expect(Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]))).toMatchObject({
    "eks:cluster-name": "demo",
    "eks:nodegroup-name": "workers",
    "kubernetes.io/cluster/demo": "owned",
  });
  expect(kubelet(derived)).toMatchObject({
    labels: {
      team: "red",
      "eks.amazonaws.com/nodegroup": "workers",
      "eks.amazonaws.com/capacityType": "ON_DEMAND",
      "eks.amazonaws.com/nodegroup-image": "ami-0a1b2c3d4e5f60718",
    },
    taints: [{ key: "t", value: "v", effect: "NoSchedule" }],
  });
});

test.each<[readonly string[], Partial<CniSettings>, number]>([
  [["m5.large"], {}, 29],
  [["m5.xlarge"], {}, 58],
  [["m5.4xlarge"], {}, 110],
  [["m5.8xlarge"], {}, 234],
  [["c5.18xlarge"], {}, 250],
  [["m5.xlarge", "m5.large"], {}, 29],
  [["m5.xlarge"], { hasPrefixDelegation: true }, 110],
  [["m5.8xlarge"], { hasPrefixDelegation: true }, 250],
  [["m4.xlarge"], { hasPrefixDelegation: true }, 58],
  [["m5.large"], { hasPrefixDelegation: true, version: "1.8.0" }, 29],
  [["m5.large"], { hasCustomNetworking: true }, 20],
  [["m5.xlarge"], { hasCustomNetworking: true, hasPrefixDelegation: true }, 110],
  [["m5.large"], { isIpv6: true, hasPrefixDelegation: true }, 110],
])("max pods of %j with %j is %i", (instanceTypes, cni, maxPods) => {
  const derived = derive(anActiveGroup({ instanceTypes }), undefined, cni);
  expect(derived.maxPods).toBe(maxPods);
  expect(kubelet(derived).maxPods).toBe(maxPods);
});

test("a template without an image: its settings stay, EKS's number of pods holds", () => {
  const config =
    "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec: {kubelet: {config: {maxPods: 110, systemReserved: {cpu: 150m}}}}\n";
  const own = `Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: application/node.eks.aws\n\n${config}--B--\n`;
  const template = {
    UserData: Buffer.from(own).toString("base64"),
    SecurityGroupIds: ["sg-mine"],
    MetadataOptions: { HttpPutResponseHopLimit: 3 },
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: "mine" }] }],
  };
  const derived = derive(anActiveGroup({ launchTemplate: { id: TEMPLATE.id } }), template);
  expect(derived.data).toMatchObject({
    SecurityGroupIds: ["sg-mine"],
    MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 3 },
  });
  expect(JSON.stringify(derived.data["TagSpecifications"])).toContain('{"Key":"Name","Value":"mine"}');
  expect(kubelet(derived)).toMatchObject({ maxPods: 29, systemReserved: { cpu: "150m" } });
});

test("a template with an image: the user data is the operator's alone", () => {
  const script = "#!/bin/bash\n/etc/eks/bootstrap.sh demo --use-max-pods false --kubelet-extra-args '--max-pods=110'\n";
  const template = { ImageId: "ami-0a2b2c3d4e5f60718", InstanceType: "m5.xlarge", UserData: Buffer.from(script).toString("base64") };
  const derived = derive({ ...anActiveGroup(), amiType: "CUSTOM", instanceTypes: [] }, template);
  expect(derived.maxPods).toBeUndefined();
  expect(derived.instanceTypes).toEqual(["m5.xlarge"]);
  expect(decodeBase64Text(String(derived.data["UserData"]))).toBe(script);
  expect(kubelet(derived).maxPods).toBe(110);
});

test("EKS merges no plain script", () => {
  const template = {
    UserData: Buffer.from("#!/bin/bash\n/etc/eks/bootstrap.sh demo --kubelet-extra-args '--max-pods=110'\n").toString("base64"),
  };
  expect(
    deriveLaunch({ group: anActiveGroup({ amiType: "AL2_x86_64" }), template, cluster, cni: plain, instanceProfile: "eks-profile" }),
  ).toEqual({
    ok: false,
    problems: ["User data was not in the MIME multipart format."],
  });
});
