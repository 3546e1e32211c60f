import { test as property, fc } from "@fast-check/vitest";
import { expect } from "vitest";
import { answerKubernetes, readCorefile } from "../src/index.ts";
import { aCluster, aService, aSlice, settings } from "./a-cluster.ts";

const word = fc.constantFrom(
  "{",
  "}",
  "#",
  '"',
  "\n",
  " ",
  ".:53",
  "kubernetes",
  "forward",
  ".",
  "cache",
  "hosts",
  "ttl",
  "30",
  "fallthrough",
  "health",
  "x",
);

property.prop([
  fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 40 }).map((words) => words.join(" ")),
  ),
])("no text makes the Corefile's reader throw; what it refuses it refuses with a line", (text) => {
  const read = readCorefile(text);
  if (!read.ok) {
    expect(read.problem.line).toBeGreaterThanOrEqual(1);
    expect(read.problem.line).toBeLessThanOrEqual(text.split("\n").length);
    expect(read.problem.message).not.toBe("");
  }
});

const cluster = aCluster(
  aService("web", { clusterIP: "10.100.0.5", ports: [{ name: "http", port: 80 }] }),
  aService("db", { clusterIP: "None", ports: [] }),
  aSlice("db", [{ address: "10.0.0.11", hostname: "db-0" }], [{ name: "", port: 5432 }]),
);
const label = fc.constantFrom(
  "web",
  "db",
  "db-0",
  "shop",
  "default",
  "svc",
  "pod",
  "_http",
  "_tcp",
  "10-0-0-1",
  "dns-version",
  "cluster",
  "local",
  "nowhere",
);
const type = fc.constantFrom("A", "AAAA", "SRV", "PTR", "TXT", "SOA", "NS", "CNAME", "ANY", "UNKNOWN_65");

property.prop([fc.array(label, { maxLength: 6 }), type, fc.constantFrom("cluster.local", "in-addr.arpa", "ip6.arpa")])(
  "every name of the cluster's zones has an answer: records of the type asked for, or none and the zone's SOA",
  (labels, asked, zone) => {
    const name = [...labels, zone].join(".");
    const outcome = answerKubernetes(settings(), cluster, { name, type: asked, ownAddresses: [] });
    if (outcome.kind !== "answer") throw new Error(outcome.kind);
    const { rcode, answers, authority } = outcome.reply;
    expect(answers.every((record) => record.name === name && record.type === asked)).toBe(true);
    expect(authority.map((record) => record.type)).toEqual(answers.length > 0 ? [] : ["SOA"]);
    if (rcode === "NXDOMAIN") expect(answers).toEqual([]);
  },
);

property.prop([fc.array(label, { minLength: 1, maxLength: 5 })])("a name exists for all types or for none (RFC 8020)", (labels) => {
  const name = [...labels, "cluster.local"].join(".");
  const codes = ["A", "AAAA", "SRV", "TXT", "MX"].map((asked) => {
    const outcome = answerKubernetes(settings(), cluster, { name, type: asked, ownAddresses: [] });
    return outcome.kind === "answer" ? outcome.reply.rcode : outcome.kind;
  });
  expect(new Set(codes).size).toBe(1);
});
