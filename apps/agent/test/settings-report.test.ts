import { parseSettings, type Env } from "@slash28/ipam";
import type { Log } from "@slash28/ports";
import { quietLog } from "@slash28/testkit";
import { expect, test } from "vitest";
import { reportSettings } from "../src/report/settings-report.ts";

function report(env: Env): { readonly text: string | undefined; readonly logged: readonly string[] } {
  const logged: string[] = [];
  const say = (level: string) => (message: string, fields?: object) =>
    void logged.push(`${level} ${message}: ${(fields as { variable: string }).variable}`);
  const log: Log = { ...quietLog, warn: say("warn"), error: say("error") };
  return { text: reportSettings(env, parseSettings(env), log), logged };
}

test("every setting that is not used as given is in the log, and all of them in one event", () => {
  const { text, logged } = report({ WARM_IP_TARGET: "many", MINIMUM_IP_TARGTE: "3", ENABLE_POD_ENI: "true" });
  expect(logged).toEqual([
    "error a setting is not used as given: WARM_IP_TARGET",
    "error a setting is not used as given: ENABLE_POD_ENI",
    "error a setting is not used as given: MINIMUM_IP_TARGTE",
  ]);
  expect(text).toBe(
    "not used as given: WARM_IP_TARGET=many: is not a whole number, 0 or more; used: 0 | ENABLE_POD_ENI=true: this agent does not serve it; " +
      "used: false | MINIMUM_IP_TARGTE=3 has no effect: there is no such setting; was MINIMUM_IP_TARGET meant?",
  );
});

test("a setting that another one overrides is in the log only; without anything wrong there is no event", () => {
  expect(report({ WARM_PREFIX_TARGET: "2" })).toEqual({ text: undefined, logged: ["warn a setting has no effect: WARM_PREFIX_TARGET"] });
  expect(report({})).toEqual({ text: undefined, logged: [] });
});

test("an event's text stays below what Kubernetes takes", () => {
  const env = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`ENABLE_WARP_DRIVE_${n}`, "true"]));
  expect(report(env).text?.length).toBeLessThan(1_024);
});
