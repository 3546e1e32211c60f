import { fileURLToPath } from "node:url";
import type { ClusterFileInput } from "@slash28/cluster-file";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, labUnderTest } from "../src/index.ts";

const chart = fileURLToPath(new URL("../../examples/charts/shop", import.meta.url));

describe("helm, with the example chart", () => {
  const lab = labUnderTest();
  const cluster: ClusterFileInput = {
    vpc: {
      subnets: [
        { zone: "us-east-1a", cidr: "10.0.0.0/20" },
        { zone: "us-east-1b", cidr: "10.0.16.0/20" },
      ],
    },
    nodeGroups: [{ name: "workers", instanceType: "m5.large", nodes: 2 }],
  };
  const helm = (command: string): Promise<string> => lab.shell(`helm ${command}`, { timeoutMs: 120_000 });
  const images = (): Promise<string> =>
    lab.kubectl(["get", "deployment", "shop-web", "-o", "jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image}"]);

  // Without root the pods only claim to run, and helm sees no difference.
  beforeAll(() => lab.up({ cluster, args: process.getuid?.() === 0 ? [] : ["--data-plane", "simulated"] }), 120_000);
  afterAll(() => lab.down());

  test("install waits for the hook and for every pod", async () => {
    const said = await helm(`install shop ${chart} --wait --timeout 90s`);
    expect(said).toContain("STATUS: deployed");
    expect(said).toContain("The shop is at http://shop-web.default");
    expect(await images()).toBe("2 nginx:1.27");
    expect(await lab.kubectl(["get", "statefulset", "shop-database", "-o", "jsonpath={.status.readyReplicas}"])).toBe("1");
    // The hook's job went with its success.
    expect(await lab.kubectl(["get", "jobs", "-o", "name"])).toBe("");
  });

  test("values that the schema refuses change nothing", async () => {
    await expect(helm(`upgrade shop ${chart} --set password=short`)).rejects.toThrow(/password/);
    expect(await helm("history shop")).not.toContain("pending");
  });

  test("the chart's test passes", async () => {
    expect(await helm("test shop --timeout 60s")).toMatch(/Phase:\s+Succeeded/);
  });

  test("upgrade rolls the pods, rollback brings back what was", async () => {
    await helm(`upgrade shop ${chart} --set web.replicas=3 --set web.image=nginx:1.28 --set greeting=hi --wait --timeout 90s`);
    expect(await images()).toBe("3 nginx:1.28");
    await helm("rollback shop 1 --wait --timeout 90s");
    expect(await images()).toBe("2 nginx:1.27");
    expect(await lab.kubectl(["get", "configmap", "shop-settings", "-o", "jsonpath={.data.greeting}"])).toBe("hello");
    const history = JSON.parse(await helm("history shop -o json")) as readonly { readonly status: string; readonly description: string }[];
    expect(history.map(({ status }) => status)).toEqual(["superseded", "superseded", "deployed"]);
    expect(history.at(-1)?.description).toBe("Rollback to 1");
  });

  test("uninstall leaves nothing", async () => {
    await helm("uninstall shop --wait --timeout 90s");
    const kinds = "all,configmaps,secrets,serviceaccounts,roles,rolebindings,poddisruptionbudgets,persistentvolumeclaims";
    await eventually("nothing of it", async () => {
      const left = await lab.kubectl(["get", kinds, "-l", "app.kubernetes.io/instance=shop", "-o", "name"]);
      return left === "" && (await lab.kubectl(["get", "pvc,pv", "-A", "-o", "name"])) === "";
    });
    expect(await lab.kubectl(["get", "secrets", "-l", "owner=helm", "-o", "name"])).toBe("");
  });
});
