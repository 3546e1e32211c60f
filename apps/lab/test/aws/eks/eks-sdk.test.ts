import * as sdk from "@aws-sdk/client-eks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import implemented from "../../../src/aws/implemented-actions.json" with { type: "json" };
import { EKS_SCHEMA } from "../../../src/aws/eks/schema.ts";
import { eksOperations } from "../../../src/aws/eks/index.ts";
import { ACCOUNT, anEks, CALLER, REGION, ROLE, type AnEks } from "./an-eks.ts";

let lab: AnEks;
beforeAll(async () => {
  lab = await anEks();
});
afterAll(() => lab.close());

const subnetIds = ["subnet-a", "subnet-b"];
const create = (name: string, more: Partial<sdk.CreateClusterRequest> = {}): Promise<sdk.CreateClusterCommandOutput> =>
  lab.client.send(new sdk.CreateClusterCommand({ name, roleArn: ROLE, resourcesVpcConfig: { subnetIds }, ...more }));
const running = async (name: string, more: Partial<sdk.CreateClusterRequest> = {}): Promise<string> => {
  await create(name, more);
  lab.started(name);
  return name;
};
const refusal = async (work: Promise<unknown>): Promise<[string, string]> => {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof Error ? [error.name, error.message] : ["", "was not refused"];
};

test("the operations, the list of their names and the schema agree", () => {
  const names = implemented.eks.filter((name) => !/Nodegroup/.test(name)).toSorted();
  expect(
    eksOperations(lab.context, { now: () => 0 })
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(names);
  expect(Object.keys(EKS_SCHEMA.operations).toSorted()).toEqual(implemented.eks.toSorted());
});

describe("clusters", () => {
  test("a new cluster is CREATING, then ACTIVE with what it is reached by; it is listed and described", async () => {
    const { cluster } = await create("one", { tags: { team: "net" }, accessConfig: { authenticationMode: "API" } });
    expect(cluster).toMatchObject({
      name: "one",
      arn: `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/one`,
      status: "CREATING",
      version: "1.35",
      kubernetesNetworkConfig: { ipFamily: "ipv4", serviceIpv4Cidr: "10.100.0.0/16" },
      resourcesVpcConfig: {
        subnetIds,
        vpcId: "vpc-1",
        endpointPublicAccess: true,
        endpointPrivateAccess: false,
        publicAccessCidrs: ["0.0.0.0/0"],
      },
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: true },
      tags: { team: "net" },
    });
    expect(cluster?.createdAt).toEqual(new Date(1_800_000_000_000));
    expect(cluster?.identity?.oidc?.issuer).toMatch(/^https:\/\/oidc\.eks\.us-east-1\.amazonaws\.com\/id\/[0-9A-F]{32}$/);
    expect(cluster?.endpoint).toBeUndefined();
    lab.started("one");
    const described = await lab.client.send(new sdk.DescribeClusterCommand({ name: "one" }));
    expect(described.cluster).toMatchObject({
      status: "ACTIVE",
      endpoint: "https://127.0.0.1:1",
      certificateAuthority: { data: Buffer.from("pem").toString("base64") },
      resourcesVpcConfig: { clusterSecurityGroupId: "sg-cluster" },
    });
    expect((await lab.client.send(new sdk.ListClustersCommand({}))).clusters).toContain("one");
    expect(lab.kept()?.clusters["one"]?.status).toBe("ACTIVE");
  });

  test.each<[string, Partial<sdk.CreateClusterRequest>, string, string | RegExp]>([
    [
      "one zone",
      { resourcesVpcConfig: { subnetIds: ["subnet-a", "subnet-a2"] } },
      "InvalidParameterException",
      "Subnets specified must be in at least two different AZs",
    ],
    [
      "an unknown subnet",
      { resourcesVpcConfig: { subnetIds: ["subnet-a", "subnet-z"] } },
      "InvalidParameterException",
      "The subnet ID 'subnet-z' does not exist",
    ],
    ["two VPCs", { resourcesVpcConfig: { subnetIds: ["subnet-a", "subnet-other"] } }, "InvalidParameterException", /same VPC/],
    ["a full subnet", { resourcesVpcConfig: { subnetIds: ["subnet-a", "subnet-full"] } }, "InvalidParameterException", /5 free addresses/],
    [
      "a group elsewhere",
      { resourcesVpcConfig: { subnetIds, securityGroupIds: ["sg-2"] } },
      "InvalidParameterException",
      /does not belong/,
    ],
    [
      "no endpoint",
      { resourcesVpcConfig: { subnetIds, endpointPublicAccess: false, endpointPrivateAccess: false } },
      "InvalidParameterException",
      /cannot both be disabled/,
    ],
    ["an old version", { version: "1.28" }, "InvalidParameterException", "unsupported Kubernetes version 1.28"],
    ["an odd name", { name: "-a" }, "InvalidParameterException", /must start with a letter or digit/],
    [
      "service range in the VPC",
      { kubernetesNetworkConfig: { serviceIpv4Cidr: "10.0.16.0/20" } },
      "InvalidParameterException",
      /overlaps with VPC CIDR block/,
    ],
    ["public service range", { kubernetesNetworkConfig: { serviceIpv4Cidr: "8.8.0.0/16" } }, "InvalidParameterException", /must be within/],
    [
      "tiny service range",
      { kubernetesNetworkConfig: { serviceIpv4Cidr: "10.200.0.0/25" } },
      "InvalidParameterException",
      /between \/24 and \/12/,
    ],
    [
      "range and IPv6",
      { kubernetesNetworkConfig: { ipFamily: "ipv6", serviceIpv4Cidr: "10.200.0.0/20" } },
      "InvalidParameterException",
      /EKS assigns/,
    ],
    [
      "IPv6 without IPv6 subnets",
      { kubernetesNetworkConfig: { ipFamily: "ipv6" }, resourcesVpcConfig: { subnetIds: ["subnet-a2", "subnet-b"] } },
      "InvalidParameterException",
      /IPv6 CIDR block/,
    ],
    [
      "no admin by ConfigMap",
      { accessConfig: { bootstrapClusterCreatorAdminPermissions: false } },
      "InvalidParameterException",
      /must be true/,
    ],
    [
      "Outposts",
      { outpostConfig: { outpostArns: ["x"], controlPlaneInstanceType: "m5.large" } },
      "InvalidParameterException",
      /not available in this lab/,
    ],
  ])("refuses %s", async (_, more, code, message) => {
    const [name, text] = await refusal(create("refused", more));
    expect(name).toBe(code);
    expect(text).toMatch(message);
    expect(lab.context.eks.state.clusters["refused"]).toBeUndefined();
  });

  test("the same token makes one cluster; another request of the name is refused", async () => {
    const first = await create("tok", { clientRequestToken: "t1" });
    const second = await create("tok", { clientRequestToken: "t1" });
    expect(second.cluster).toEqual(first.cluster);
    expect(await refusal(create("tok", { clientRequestToken: "t1", version: "1.33" }))).toEqual([
      "InvalidParameterException",
      "The specified clientRequestToken was used before with other parameters.",
    ]);
    expect(await refusal(create("tok"))).toEqual(["ResourceInUseException", "Cluster already exists with name: tok"]);
  });

  test("ipFamily ipv6 gives a unique local service range of 108 bits", async () => {
    const { cluster } = await create("six", { kubernetesNetworkConfig: { ipFamily: "ipv6" } });
    expect(cluster?.kubernetesNetworkConfig).toMatchObject({
      ipFamily: "ipv6",
      serviceIpv6Cidr: expect.stringMatching(/^fd[0-9a-f]{2}:[0-9a-f:]+::\/108$/),
    });
  });

  test("a version update goes one minor version up, one at a time", async () => {
    const name = await running("ver", { version: "1.31" });
    const update = (version: string): Promise<sdk.UpdateClusterVersionCommandOutput> =>
      lab.client.send(new sdk.UpdateClusterVersionCommand({ name, version }));
    expect(await refusal(update("1.33"))).toEqual([
      "InvalidParameterException",
      "Unsupported Kubernetes minor version update from 1.31 to 1.33",
    ]);
    expect(await refusal(update("1.30"))).toEqual([
      "InvalidParameterException",
      "Unsupported Kubernetes minor version update from 1.31 to 1.30",
    ]);
    const { update: begun } = await update("1.32");
    expect(begun).toMatchObject({
      type: "VersionUpdate",
      status: "InProgress",
      params: [{ type: "Version", value: "1.32" }, { type: "PlatformVersion" }],
    });
    expect((await refusal(update("1.33")))[0]).toBe("ResourceInUseException");
    expect((await refusal(lab.client.send(new sdk.DeleteClusterCommand({ name }))))[1]).toMatch(/update in progress/);
    lab.context.eks.act("finishClusterUpdate", { name, updateId: begun?.id ?? "" }, lab.context.call(CALLER));
    const { cluster } = await lab.client.send(new sdk.DescribeClusterCommand({ name }));
    expect([cluster?.version, cluster?.status, cluster?.platformVersion]).toEqual(["1.32", "ACTIVE", "eks.39"]);
    expect((await lab.client.send(new sdk.ListUpdatesCommand({ name }))).updateIds).toEqual([begun?.id]);
    expect((await lab.client.send(new sdk.DescribeUpdateCommand({ name, updateId: begun?.id }))).update?.status).toBe("Successful");
  });

  test("endpoint access, logs and the authentication mode change one kind at a time, the mode one way", async () => {
    const name = await running("conf");
    const update = (more: Partial<sdk.UpdateClusterConfigRequest>): Promise<sdk.UpdateClusterConfigCommandOutput> =>
      lab.client.send(new sdk.UpdateClusterConfigCommand({ name, ...more }));
    const finish = (id: string | undefined): unknown =>
      lab.context.eks.act("finishClusterUpdate", { name, updateId: id ?? "" }, lab.context.call(CALLER));
    expect((await refusal(update({ resourcesVpcConfig: { endpointPublicAccess: true } })))[1]).toBe(
      "Cluster is already at the desired configuration with endpointPrivateAccess: false, endpointPublicAccess: true, and Public Endpoint Restrictions: [0.0.0.0/0]",
    );
    const access = await update({ resourcesVpcConfig: { endpointPrivateAccess: true, publicAccessCidrs: ["203.0.113.0/24"] } });
    expect(access.update?.type).toBe("EndpointAccessUpdate");
    finish(access.update?.id);
    const logs = await update({ logging: { clusterLogging: [{ types: ["api", "audit"], enabled: true }] } });
    finish(logs.update?.id);
    const mode = await update({ accessConfig: { authenticationMode: "API_AND_CONFIG_MAP" } });
    finish(mode.update?.id);
    expect((await refusal(update({ accessConfig: { authenticationMode: "CONFIG_MAP" } })))[1]).toMatch(
      /^Unsupported authentication mode update/,
    );
    expect(
      (await refusal(update({ deletionProtection: true, logging: { clusterLogging: [{ types: ["scheduler"], enabled: true }] } })))[1],
    ).toMatch(/Only one type of update/);
    const { cluster } = await lab.client.send(new sdk.DescribeClusterCommand({ name }));
    expect(cluster).toMatchObject({
      resourcesVpcConfig: { endpointPrivateAccess: true, publicAccessCidrs: ["203.0.113.0/24"] },
      logging: {
        clusterLogging: [
          { types: ["api", "audit"], enabled: true },
          { types: ["authenticator", "controllerManager", "scheduler"], enabled: false },
        ],
      },
      accessConfig: { authenticationMode: "API_AND_CONFIG_MAP" },
    });
  });

  test("a cluster with node groups, or protected, is not deleted", async () => {
    const other = await anEks({
      nodeGroups: { names: () => ["workers"], updates: () => undefined, tags: () => undefined, changeTags: () => undefined },
    });
    await other.client.send(new sdk.CreateClusterCommand({ name: "busy", roleArn: ROLE, resourcesVpcConfig: { subnetIds } }));
    other.started("busy");
    expect(await refusal(other.client.send(new sdk.DeleteClusterCommand({ name: "busy" })))).toEqual([
      "ResourceInUseException",
      "Cluster has nodegroups attached",
    ]);
    await other.close();
    const name = await running("kept", { deletionProtection: true });
    expect((await refusal(lab.client.send(new sdk.DeleteClusterCommand({ name }))))[0]).toBe("InvalidRequestException");
  });

  test("versions tell their days of support", async () => {
    const { clusterVersions } = await lab.client.send(new sdk.DescribeClusterVersionsCommand({ includeAll: true }));
    expect(clusterVersions?.map((version) => version.clusterVersion)).toEqual(["1.35", "1.34", "1.33", "1.32", "1.31", "1.30", "1.29"]);
    expect(clusterVersions?.[0]).toMatchObject({
      defaultVersion: true,
      releaseDate: new Date("2026-01-27T00:00:00Z"),
      endOfStandardSupportDate: new Date("2027-03-27T00:00:00Z"),
      versionStatus: "STANDARD_SUPPORT",
    });
  });
});

describe("add-ons", () => {
  test("I16 describe-addon-versions shows vpc-cni and the pod identity agent for 1.32", async () => {
    const { addons } = await lab.client.send(new sdk.DescribeAddonVersionsCommand({ kubernetesVersion: "1.32" }));
    expect(addons?.map(({ addonName }) => addonName)).toEqual(["coredns", "eks-pod-identity-agent", "kube-proxy", "vpc-cni"]);
    const cni = addons?.find(({ addonName }) => addonName === "vpc-cni");
    expect(cni?.addonVersions?.filter((version) => version.compatibilities?.[0]?.defaultVersion === true)).toHaveLength(1);
    expect(cni?.addonVersions?.every((version) => version.compatibilities?.every(({ clusterVersion }) => clusterVersion === "1.32"))).toBe(
      true,
    );
    expect(
      addons?.find(({ addonName }) => addonName === "kube-proxy")?.addonVersions?.map(({ addonVersion }) => addonVersion),
    ).not.toContain("v1.35.3-eksbuild.11");
  });

  test("describe-addon-configuration gives a JSON Schema as text", async () => {
    const { configurationSchema } = await lab.client.send(
      new sdk.DescribeAddonConfigurationCommand({ addonName: "vpc-cni", addonVersion: "v1.22.3-eksbuild.1" }),
    );
    expect(JSON.parse(configurationSchema ?? "")).toMatchObject({
      $schema: "http://json-schema.org/draft-06/schema#",
      additionalProperties: false,
    });
  });

  test("install, configure, delete; configuration is echoed as it was given, JSON or YAML", async () => {
    const clusterName = await running("addons");
    const addonName = "vpc-cni";
    const { addon } = await lab.client.send(
      new sdk.CreateAddonCommand({ clusterName, addonName, configurationValues: "env:\n  WARM_IP_TARGET: '2'\n" }),
    );
    expect(addon).toMatchObject({
      status: "CREATING",
      addonVersion: "v1.22.3-eksbuild.1",
      configurationValues: "env:\n  WARM_IP_TARGET: '2'\n",
      addonArn: expect.stringMatching(/^arn:aws:eks:us-east-1:123456789012:addon\/addons\/vpc-cni\/[0-9a-f-]{36}$/),
      namespaceConfig: { namespace: "kube-system" },
    });
    const work = lab.context.call(CALLER);
    const update = (more: Partial<sdk.UpdateAddonRequest>): Promise<sdk.UpdateAddonCommandOutput> =>
      lab.client.send(new sdk.UpdateAddonCommand({ clusterName, addonName, ...more }));
    expect((await refusal(update({})))[0]).toBe("ResourceInUseException");
    lab.context.eks.act("finishAddonWork", { cluster: clusterName, addon: addonName, issues: [] }, work);
    const begun = await update({ configurationValues: '{"env":{"WARM_IP_TARGET":"3"}}', resolveConflicts: "OVERWRITE" });
    expect(begun.update).toMatchObject({
      type: "AddonUpdate",
      status: "InProgress",
      params: [
        { type: "ResolveConflicts", value: "OVERWRITE" },
        { type: "ConfigurationValues", value: '{"env":{"WARM_IP_TARGET":"3"}}' },
      ],
    });
    const issue = { code: "ConfigurationConflict", message: "Conflicts found", resourceIds: [] };
    lab.context.eks.act("finishAddonWork", { cluster: clusterName, addon: addonName, issues: [issue] }, work);
    const described = await lab.client.send(new sdk.DescribeAddonCommand({ clusterName, addonName }));
    expect(described.addon).toMatchObject({
      status: "UPDATE_FAILED",
      health: { issues: [issue] },
      configurationValues: '{"env":{"WARM_IP_TARGET":"3"}}',
    });
    const failed = await lab.client.send(new sdk.DescribeUpdateCommand({ name: clusterName, addonName, updateId: begun.update?.id }));
    expect(failed.update).toMatchObject({ status: "Failed", errors: [{ errorCode: "ConfigurationConflict" }] });
    expect((await lab.client.send(new sdk.ListUpdatesCommand({ name: clusterName, addonName }))).updateIds).toEqual([begun.update?.id]);
    const deleted = await lab.client.send(new sdk.DeleteAddonCommand({ clusterName, addonName, preserve: true }));
    expect(deleted.addon?.status).toBe("DELETING");
    lab.context.eks.act("addonGone", { cluster: clusterName, addon: addonName }, work);
    expect(await refusal(lab.client.send(new sdk.DescribeAddonCommand({ clusterName, addonName })))).toEqual([
      "ResourceNotFoundException",
      "No addon: vpc-cni found in cluster: addons",
    ]);
  });

  test.each([
    [
      '{"env":{"WARM_IP_TRAGET":"2"}}',
      "[$.env.WARM_IP_TRAGET: is not defined in the schema and the schema does not allow additional properties]",
    ],
    ['{"env":{"WARM_IP_TARGET":2}}', "[$.env.WARM_IP_TARGET: integer found, string expected]"],
    ['{"replicaCount":2}', "[$.replicaCount: is not defined in the schema and the schema does not allow additional properties]"],
    ["null", "[$: null found, object expected]"],
    ['{"eniConfig":{"create":true,"region":"us-east-1","subnets":{"a":{}}}}', "[$.eniConfig.subnets.a.id: is missing but it is required]"],
  ])("refuses the configuration %s in EKS's words", async (configurationValues, why) => {
    const clusterName = lab.context.eks.state.clusters["schema"] === undefined ? await running("schema") : "schema";
    expect(await refusal(lab.client.send(new sdk.CreateAddonCommand({ clusterName, addonName: "vpc-cni", configurationValues })))).toEqual([
      "InvalidParameterException",
      `ConfigurationValue provided in request is not supported: Json schema validation failed with error: ${why}`,
    ]);
  });

  test("refuses an unknown add-on, and a version that is none of the cluster's", async () => {
    const clusterName = await running("versions", { version: "1.32" });
    const add = (addonName: string, addonVersion?: string): Promise<unknown> =>
      lab.client.send(new sdk.CreateAddonCommand({ clusterName, addonName, addonVersion }));
    expect(await refusal(add("nothing"))).toEqual([
      "InvalidParameterException",
      "Addon specified is not supported in 1.32 kubernetes version",
    ]);
    expect(await refusal(add("kube-proxy", "v1.35.3-eksbuild.11"))).toEqual([
      "InvalidParameterException",
      "Addon version specified is not supported",
    ]);
  });
});

describe("pod identity", () => {
  test("one role per service account; described, listed, changed, deleted", async () => {
    const clusterName = await running("pods");
    const form = { clusterName, namespace: "shop", serviceAccount: "cart", roleArn: ROLE };
    const { association } = await lab.client.send(new sdk.CreatePodIdentityAssociationCommand({ ...form, tags: { a: "1" } }));
    const associationId = association?.associationId ?? "";
    expect(association).toMatchObject({
      ...form,
      associationId: expect.stringMatching(/^a-[0-9a-z]{17}$/),
      associationArn: `arn:aws:eks:us-east-1:123456789012:podidentityassociation/pods/${associationId}`,
      disableSessionTags: false,
      tags: { a: "1" },
    });
    expect(await refusal(lab.client.send(new sdk.CreatePodIdentityAssociationCommand(form)))).toEqual([
      "ResourceInUseException",
      `Association already exists: ${associationId}`,
    ]);
    const foreign = { ...form, serviceAccount: "x", roleArn: "arn:aws:iam::999999999999:role/r" };
    expect((await refusal(lab.client.send(new sdk.CreatePodIdentityAssociationCommand(foreign))))[0]).toBe("InvalidParameterException");
    await lab.client.send(new sdk.CreatePodIdentityAssociationCommand({ ...form, namespace: "other" }));
    const target = await lab.client.send(
      new sdk.UpdatePodIdentityAssociationCommand({ clusterName, associationId, targetRoleArn: "arn:aws:iam::999999999999:role/r" }),
    );
    expect(target.association).toMatchObject({ externalId: "us-east-1/123456789012/pods/shop/cart" });
    const listed = await lab.client.send(new sdk.ListPodIdentityAssociationsCommand({ clusterName, namespace: "shop" }));
    expect(listed.associations).toEqual([
      { clusterName, namespace: "shop", serviceAccount: "cart", associationId, associationArn: association?.associationArn },
    ]);
    const resourceArn = association?.associationArn;
    await lab.client.send(new sdk.TagResourceCommand({ resourceArn, tags: { b: "2" } }));
    await lab.client.send(new sdk.UntagResourceCommand({ resourceArn, tagKeys: ["a"] }));
    expect((await lab.client.send(new sdk.ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ b: "2" });
    await lab.client.send(new sdk.DeletePodIdentityAssociationCommand({ clusterName, associationId }));
    expect((await refusal(lab.client.send(new sdk.DescribePodIdentityAssociationCommand({ clusterName, associationId }))))[0]).toBe(
      "ResourceNotFoundException",
    );
  });

  test("pages through many, in any size", async () => {
    const clusterName = await running("many");
    for (let index = 0; index < 7; index++) {
      await lab.client.send(
        new sdk.CreatePodIdentityAssociationCommand({ clusterName, namespace: `ns-${index}`, serviceAccount: "a", roleArn: ROLE }),
      );
    }
    const seen: string[] = [];
    for await (const part of sdk.paginateListPodIdentityAssociations({ client: lab.client, pageSize: 3 }, { clusterName })) {
      expect(part.associations?.length).toBeLessThanOrEqual(3);
      seen.push(...(part.associations ?? []).map(({ namespace }) => namespace ?? ""));
    }
    expect(seen.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => `ns-${index}`));
    const odd = new sdk.ListPodIdentityAssociationsCommand({ clusterName, nextToken: "nonsense" });
    expect(await refusal(lab.client.send(odd))).toEqual(["InvalidParameterException", "The specified nextToken is invalid."]);
  });
});

describe("access entries", () => {
  const principalArn = `arn:aws:iam::${ACCOUNT}:role/team/dev`;

  test("need the API mode", async () => {
    const clusterName = await running("by-map");
    expect(await refusal(lab.client.send(new sdk.ListAccessEntriesCommand({ clusterName })))).toEqual([
      "InvalidRequestException",
      "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.",
    ]);
  });

  test("the creator has one; others come, get policies, and go", async () => {
    const clusterName = await running("by-api", { accessConfig: { authenticationMode: "API" } });
    expect((await lab.client.send(new sdk.ListAccessEntriesCommand({ clusterName }))).accessEntries).toEqual([CALLER]);
    const { accessEntry } = await lab.client.send(
      new sdk.CreateAccessEntryCommand({ clusterName, principalArn, kubernetesGroups: ["devs"] }),
    );
    expect(accessEntry).toMatchObject({
      username: `arn:aws:sts::${ACCOUNT}:assumed-role/dev/{{SessionName}}`,
      type: "STANDARD",
      accessEntryArn: expect.stringMatching(
        /^arn:aws:eks:us-east-1:123456789012:access-entry\/by-api\/role\/123456789012\/dev\/[0-9a-f-]{36}$/,
      ),
    });
    expect(await refusal(lab.client.send(new sdk.CreateAccessEntryCommand({ clusterName, principalArn })))).toEqual([
      "ResourceInUseException",
      "The specified access entry resource is already in use on this cluster.",
    ]);
    const policyArn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
    const scoped = { clusterName, principalArn, policyArn, accessScope: { type: "namespace" as const, namespaces: ["shop"] } };
    await lab.client.send(new sdk.AssociateAccessPolicyCommand(scoped));
    const associated = await lab.client.send(new sdk.ListAssociatedAccessPoliciesCommand({ clusterName, principalArn }));
    expect(associated.associatedAccessPolicies).toMatchObject([{ policyArn, accessScope: { type: "namespace", namespaces: ["shop"] } }]);
    await lab.client.send(new sdk.DisassociateAccessPolicyCommand({ clusterName, principalArn, policyArn }));
    expect((await refusal(lab.client.send(new sdk.DisassociateAccessPolicyCommand({ clusterName, principalArn, policyArn }))))[0]).toBe(
      "ResourceNotFoundException",
    );
    await lab.client.send(new sdk.DeleteAccessEntryCommand({ clusterName, principalArn }));
    expect((await refusal(lab.client.send(new sdk.DescribeAccessEntryCommand({ clusterName, principalArn }))))[0]).toBe(
      "ResourceNotFoundException",
    );
  });

  test.each<[string, Partial<sdk.CreateAccessEntryRequest>, RegExp]>([
    ["a group of Kubernetes' own", { kubernetesGroups: ["system:masters"] }, /cannot start with system:/],
    ["a reserved username", { username: "eks:me" }, /cannot begin with eks:/],
    ["groups of a node's role", { type: "EC2_LINUX", kubernetesGroups: ["a"] }, /cannot be specified/],
    ["what is no principal", { principalArn: "arn:aws:iam::123456789012:group/a" }, /invalid principal/],
  ])("refuses %s", async (_, more, why) => {
    const clusterName =
      lab.context.eks.state.clusters["strict"] === undefined
        ? await running("strict", { accessConfig: { authenticationMode: "API" } })
        : "strict";
    const [name, message] = await refusal(lab.client.send(new sdk.CreateAccessEntryCommand({ clusterName, principalArn, ...more })));
    expect([name, message]).toEqual(["InvalidParameterException", expect.stringMatching(why)]);
  });
});
