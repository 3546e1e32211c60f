import { describe, expect, test } from "vitest";
import { configurationFaults } from "@slash28/eks";
import { podIdentityAgentObjects, type AddonValues } from "../../../src/supervisor/eks/addon-objects.ts";

describe("eks-pod-identity-agent", () => {
  const make = podIdentityAgentObjects({ clusterName: "one", region: "us-east-1", eksAuthEndpoint: "http://198.51.100.10" });
  const podOf = (values: AddonValues): Record<string, unknown> & { containers: { args: string[]; resources: object }[] } => {
    expect(configurationFaults("eks-pod-identity-agent", values)).toEqual([]);
    const [daemonSet, ...others] = make({ version: "v1.3.10-eksbuild.3", values, serviceAccountRoleArn: undefined });
    expect(others).toEqual([]);
    if (daemonSet === undefined) throw new Error("no DaemonSet");
    return (daemonSet.object["spec"] as { template: { spec: never } }).template.spec;
  };

  test("is on the node's network, on every node, and sets the addresses up before it serves them", () => {
    const { containers, ...pod } = podOf({});
    expect(pod).toMatchObject({
      hostNetwork: true,
      automountServiceAccountToken: false,
      priorityClassName: "system-node-critical",
      tolerations: [{ operator: "Exists" }],
      initContainers: [{ command: ["/go-runner", "/eks-pod-identity-agent", "initialize"], securityContext: { privileged: true } }],
    });
    expect(containers[0]).toMatchObject({
      command: ["/go-runner", "/eks-pod-identity-agent", "server"],
      args: ["--port", "80", "--cluster-name", "one", "--probe-port", "2703"],
      env: [
        { name: "AWS_REGION", value: "us-east-1" },
        { name: "AWS_ENDPOINT_URL_EKS_AUTH", value: "http://198.51.100.10" },
      ],
    });
  });

  test("takes what its schema has", () => {
    const resources = { requests: { cpu: "10m" } };
    const pod = podOf({
      agent: { additionalArgs: { "-b": "169.254.170.23", "--rotate-credentials": "" } },
      nodeSelector: { a: "b" },
      priorityClassName: "low",
      resources,
      tolerations: [],
      affinity: {},
    });
    expect(pod.containers[0]?.args.slice(-3)).toEqual(["-b", "169.254.170.23", "--rotate-credentials"]);
    expect(pod.containers[0]?.resources).toEqual(resources);
    expect(pod).toMatchObject({ nodeSelector: { a: "b" }, priorityClassName: "low", tolerations: [], affinity: {} });
    const updateStrategy = { type: "OnDelete" };
    const [daemonSet] = make({ version: "v1", values: { updateStrategy }, serviceAccountRoleArn: undefined });
    expect(daemonSet?.object["spec"]).toMatchObject({ updateStrategy });
  });
});
