import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { install } from "../../src/supervisor/eks/cluster-driver.ts";
import { findKubectl, startLabCluster, type LabCluster } from "../kubernetes/api-server/lab-cluster.ts";

const kubectl = findKubectl();

const policy = (spec: object): string =>
  JSON.stringify({ apiVersion: "vpcresources.k8s.aws/v1beta1", kind: "SecurityGroupPolicy", metadata: { name: "payments" }, spec });

describe.skipIf(kubectl === undefined)("what EKS puts into every cluster for security groups for pods", () => {
  let cluster: LabCluster;
  beforeAll(async () => {
    cluster = await startLabCluster(kubectl ?? "");
    await install(cluster, []);
    await cluster.kubectl("wait --for=condition=Established crd/securitygrouppolicies.vpcresources.k8s.aws --timeout=20s");
  });
  afterAll(() => cluster.close());

  test("kubectl get knows the kind before there is one of it", async () => {
    const asked = await cluster.run(["get", "securitygrouppolicies", "-A"]);
    expect(asked).toMatchObject({ code: 0, stderr: "No resources found\n" });
  });

  test("a policy is kept with its selectors, and shown with its groups", async () => {
    const selectors = {
      podSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["payments"] }] },
      serviceAccountSelector: { matchLabels: { team: "money" } },
    };
    await cluster.kubectl("apply -f -", policy({ ...selectors, securityGroups: { groupIds: ["sg-1", "sg-2"] } }));
    expect(await cluster.kubectl("get sgp")).toMatch(/^NAME\s+SECURITY-GROUP-IDS\s+AGE\npayments\s+\["sg-1","sg-2"\]\s+\d/);
    expect(JSON.parse(await cluster.kubectl("get sgp payments -o jsonpath={.spec}"))).toEqual({
      ...selectors,
      securityGroups: { groupIds: ["sg-1", "sg-2"] },
    });
    await cluster.kubectl("delete sgp payments");
  });

  test("one without a group, and one with a misspelled selector, are refused", async () => {
    const empty = await cluster.run(["create", "-f", "-"], policy({ podSelector: {}, securityGroups: { groupIds: [] } }));
    expect(empty.stderr).toContain(
      "spec.securityGroups.groupIds: Invalid value: 0: spec.securityGroups.groupIds in body should have at least 1 items",
    );
    const misspelled = await cluster.run(["create", "-f", "-"], policy({ podSelectors: {}, securityGroups: { groupIds: ["sg-1"] } }));
    expect(misspelled.stderr).toContain('unknown field "spec.podSelectors"');
  });
});
