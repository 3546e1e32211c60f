import { eventually } from "@slash28/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { findKubectl, type LabCluster } from "../api-server/lab-cluster.ts";
import { startWorkingCluster } from "../working-cluster.ts";

const kubectl = findKubectl();

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  revisionHistoryLimit: 5
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "nginx:1"}]
`;

describe.skipIf(kubectl === undefined)("kubectl rollout", () => {
  let cluster: LabCluster;
  const run = (command: string, input?: string): Promise<string> => cluster.kubectl(command, input);
  const isOut = (): Promise<string> => run("rollout status deployment/web --timeout=20s");
  const image = (): Promise<string> => run("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}");
  const podImages = async (): Promise<readonly string[]> =>
    (await run("get pods -l app=web -o jsonpath={.items[*].spec.containers[0].image}")).split(" ");

  beforeAll(async () => {
    cluster = await startWorkingCluster(kubectl ?? "", ["node-a", "node-b"]);
    await run("apply -f -", WEB);
    await isOut();
    for (const tag of ["2", "3"]) {
      await run(`set image deployment/web web=nginx:${tag}`);
      await run(`annotate deployment/web kubernetes.io/change-cause=to-${tag} --overwrite`);
      await isOut();
    }
  });
  afterAll(async () => {
    expect(cluster.failures).toEqual([]);
    await cluster.close();
  });

  test("history lists the revisions with their causes, and shows one", async () => {
    expect(await run("rollout history deployment/web")).toMatch(/REVISION\s+CHANGE-CAUSE\n1\s+<none>\n2\s+to-2\n3\s+to-3\n/);
    const second = await run("rollout history deployment/web --revision=2");
    expect(second).toContain("nginx:2");
    expect(second).toContain("pod-template-hash=");
    expect((await cluster.run(["rollout", "history", "deployment/web", "--revision=9"])).stderr).toContain(
      "unable to find the specified revision",
    );
  });

  test("undo --to-revision goes back to one, which becomes the newest", async () => {
    expect(await run("rollout undo deployment/web --to-revision=1 --dry-run=server")).toContain("(server dry run)");
    expect(await image()).toBe("nginx:3");
    expect(await run("rollout undo deployment/web --to-revision=1")).toContain("rolled back");
    await isOut();
    expect(await podImages()).toEqual(["nginx:1", "nginx:1"]);
    expect(await run("rollout history deployment/web")).toMatch(/\n2\s+to-2\n3\s+to-3\n4\s+<none>\n/);
    await run("rollout undo deployment/web");
    await isOut();
    expect(await image()).toBe("nginx:3");
    expect((await cluster.run(["rollout", "undo", "deployment/web", "--to-revision=1"])).stderr).toContain(
      "unable to find specified revision 1",
    );
    expect(await run("rollout undo deployment/web --to-revision=5")).toContain(
      "skipped rollback (current template already matches revision 5)",
    );
  });

  test("a paused one takes changes and rolls nothing until it is resumed", async () => {
    expect(await run("rollout pause deployment/web")).toContain("paused");
    expect((await cluster.run(["rollout", "pause", "deployment/web"])).stderr).toContain("is already paused");
    await run("set image deployment/web web=nginx:4");
    await run("set env deployment/web MODE=quiet");
    await eventually("the change is seen", async () => {
      const seen = await run(
        "get deployment web -o jsonpath={.metadata.generation}/{.status.observedGeneration}/{.status.updatedReplicas}",
      );
      const [generation, observed, updated] = seen.split("/");
      return generation === observed && (updated === "" || updated === "0");
    });
    expect(await podImages()).toEqual(["nginx:3", "nginx:3"]);
    expect((await cluster.run(["rollout", "undo", "deployment/web"])).stderr).toContain("you cannot rollback a paused deployment");
    expect((await cluster.run(["rollout", "restart", "deployment/web"])).stderr).toContain("can't restart paused deployment");
    expect(await run("rollout resume deployment/web")).toContain("resumed");
    await isOut();
    expect(await podImages()).toEqual(["nginx:4", "nginx:4"]);
    expect(await run("get rs -l app=web --no-headers")).toMatch(/\s2\s+2\s+2\s/);
  });

  test("restart replaces every pod and says when", async () => {
    const before = await run("get pods -l app=web -o name");
    expect(await run("rollout restart deployment/web")).toContain("restarted");
    await isOut();
    const after = (await run("get pods -l app=web -o name")).split("\n");
    expect(after.filter((name) => name !== "" && before.includes(name))).toEqual([]);
    expect(await run("get deployment web -o yaml")).toContain("kubectl.kubernetes.io/restartedAt");
    await run("rollout restart deployment -l app=none");
  });

  test("a rollout that cannot go on is told by status, and undone", async () => {
    await run('patch deployment web -p {"spec":{"progressDeadlineSeconds":1,"template":{"spec":{"nodeSelector":{"disk":"none"}}}}}');
    const stuck = await cluster.run(["rollout", "status", "deployment/web", "--timeout=20s"]);
    expect(stuck).toMatchObject({ code: 1 });
    expect(stuck.stderr).toContain('deployment "web" exceeded its progress deadline');
    await run("rollout undo deployment/web");
    await isOut();
  });
});
