import type { EksState } from "@slash28/eks";
import { expect, test } from "vitest";
import { labClusters, type LabCluster } from "../../src/supervisor/lab-clusters.ts";

const cluster = (name: string): LabCluster => ({ name }) as LabCluster;
const state = {
  clusters: { slash28: { status: "ACTIVE" }, second: { status: "ACTIVE" }, third: { status: "CREATING" } },
} as unknown as EksState;

test("a cluster is found by its name, the lab's own without one; others are told apart", () => {
  const others: LabCluster[] = [];
  const clusters = labClusters({ own: cluster("slash28"), others: () => others, eks: { state } });
  others.push(cluster("second"));
  expect([clusters.named(undefined).name, clusters.named("slash28").name, clusters.named("second").name]).toEqual([
    "slash28",
    "slash28",
    "second",
  ]);
  expect(clusters.running().map(({ name }) => name)).toEqual(["slash28", "second"]);
  expect(() => clusters.named("third")).toThrow("the cluster third does not run: it is CREATING");
  for (const name of ["fourth", "constructor"]) {
    expect(() => clusters.named(name)).toThrow(`there is no cluster ${name}; there is slash28, second`);
  }
});
