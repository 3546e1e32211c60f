import { describe, expect, test } from "vitest";

import { labelSelectorOf, matchesFields, matchesLabels, parseFieldSelector, parseLabelSelector, type KubeObject } from "../src/index.ts";
import { refusal, valueOf } from "./config-map.ts";

describe("label selectors", () => {
  const labels = { app: "web", tier: "front", size: "3", "example.com/zone": "a" };
  test.each([
    ["", true],
    ["app=web", true],
    ["app==web,tier=front", true],
    ["app!=web", false],
    ["missing!=x", true],
    ["app in (web, api),tier notin (back)", true],
    ["tier in (back)", false],
    ["app", true],
    ["!app", false],
    ["!missing", true],
    ["size>2", true],
    ["size<3", false],
    ["example.com/zone=a", true],
    ["toString", false],
  ])("%j is %s", (text, wanted) => {
    expect(matchesLabels(valueOf(parseLabelSelector(text)), labels)).toBe(wanted);
  });

  test.each(["app in web", "=x", "a b", "app=we b", "app in ((a)", "-x=1"])("refuses %j", (text) => {
    expect(refusal(parseLabelSelector(text))).toBe(400);
  });

  test("the object form means the same", () => {
    const selector = labelSelectorOf({
      matchLabels: { app: "web" },
      matchExpressions: [
        { key: "tier", operator: "NotIn", values: ["back"] },
        { key: "gone", operator: "DoesNotExist" },
      ],
    });
    expect(matchesLabels(selector ?? [], labels)).toBe(true);
    expect(matchesLabels(selector ?? [], { app: "web", tier: "back" })).toBe(false);
    expect(labelSelectorOf(undefined)).toBeUndefined();
  });
});

describe("field selectors", () => {
  const pod: KubeObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", namespace: "x" },
    spec: { nodeName: "n1" },
    status: { phase: "Running" },
  };
  test.each([
    ["metadata.name=p", true],
    ["spec.nodeName=n1,status.phase!=Succeeded,status.phase!=Failed", true],
    ["spec.nodeName=n2", false],
    ["spec.nodeName=", false],
    ["status.phase==Running", true],
  ])("%j is %s", (text, wanted) => {
    expect(matchesFields(valueOf(parseFieldSelector(text, "pods")), pod)).toBe(wanted);
  });

  test("an empty value matches a field that is not set", () => {
    expect(matchesFields(valueOf(parseFieldSelector("spec.nodeName=", "pods")), { ...pod, spec: {} })).toBe(true);
    expect(matchesFields(valueOf(parseFieldSelector("spec.unschedulable=false", "nodes")), { ...pod, spec: {} })).toBe(true);
  });

  test("refuses fields that a resource is not selectable by", () => {
    expect(refusal(parseFieldSelector("spec.nodeName=n1", "configmaps"))).toBe(400);
    expect(refusal(parseFieldSelector("nonsense", "pods"))).toBe(400);
  });
});
