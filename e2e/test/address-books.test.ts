import { expect, test } from "vitest";
import { disagreements, type NodeBooks } from "../src/address-books.ts";

const agreed: NodeBooks = {
  node: "n1",
  pods: [{ name: "web", address: "10.0.0.17" }],
  agent: { held: ["10.0.0.16/28"], holders: [{ name: "web", address: "10.0.0.17" }] },
  ec2: ["10.0.0.16/28"],
  kernel: { routed: ["10.0.0.17"], ruled: ["10.0.0.17", "10.0.0.17"], links: 1 },
};
const other: NodeBooks = {
  node: "n2",
  pods: [],
  agent: { held: ["10.0.0.32/28"], holders: [] },
  ec2: ["10.0.0.32/28"],
  kernel: { routed: [], ruled: [], links: 0 },
};

test("books that agree give nothing", () => {
  expect(disagreements([agreed, other])).toEqual([]);
});

test.each<[string, Partial<NodeBooks>, readonly string[]]>([
  ["a leaked link", { kernel: { routed: [], ruled: [], links: 1 } }, ["n2: the kernel has 1 pod links for 0 pods"]],
  ["a leaked route", { kernel: { routed: ["10.0.0.33"], ruled: [], links: 0 } }, ["n2: the kernel routes to no pod at 10.0.0.33"]],
  [
    "a leaked rule",
    { kernel: { routed: [], ruled: ["10.0.0.33", "10.0.0.33"], links: 0 } },
    ["n2: the kernel has a rule for no pod at 10.0.0.33"],
  ],
  [
    "a leaked address",
    { agent: { held: ["10.0.0.32/28"], holders: [{ name: "gone", address: "10.0.0.33" }] } },
    ["n2: the agent keeps an address for a pod that is not there: gone 10.0.0.33"],
  ],
  ["a lost prefix", { agent: { held: [], holders: [] } }, ["n2: EC2 lists, and the agent does not hold, 10.0.0.32/28"]],
  ["a prefix that EC2 took", { ec2: [] }, ["n2: the agent believes to hold, and EC2 does not list, 10.0.0.32/28"]],
  [
    "a prefix of two ENIs",
    { ec2: ["10.0.0.32/28", "10.0.0.16/28"] },
    ["two ENIs have 10.0.0.16/28", "n2: EC2 lists, and the agent does not hold, 10.0.0.16/28"],
  ],
  [
    "an address of two pods",
    { pods: [{ name: "twin", address: "10.0.0.17" }] },
    [
      "two pods have 10.0.0.17",
      "n2: the agent does not know that twin 10.0.0.17",
      "n2: the kernel has no route to the pod at 10.0.0.17",
      "n2: the kernel has no rule to the pod at 10.0.0.17",
      "n2: the kernel has 0 pod links for 1 pods",
    ],
  ],
])("%s is told", (_, change, told) => {
  expect(disagreements([agreed, { ...other, ...change }])).toEqual(told);
});
