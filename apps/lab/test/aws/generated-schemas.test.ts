import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import implemented from "../../src/aws/implemented-actions.json" with { type: "json" };
import { EC2_ACTIONS } from "../../src/aws/ec2/index.ts";
import { createIdentityServices, type FormService } from "../../src/aws/index.ts";
import { cloudWatchActions, createCloudWatch } from "../../src/aws/cloudwatch/index.ts";
import { CLOUDWATCH_SCHEMA } from "../../src/aws/cloudwatch/schema.ts";
import { SERVICE_QUOTAS_ACTIONS } from "../../src/aws/service-quotas/index.ts";
import { SERVICE_QUOTAS_SCHEMA } from "../../src/aws/service-quotas/schema.ts";
import { NO_STATE } from "../../src/state/index.ts";
import { EC2_SCHEMA } from "../../src/aws/wire/schema.ts";
import { aLabCloud, aManualClock } from "./lab-cloud.ts";

const SCRIPT = fileURLToPath(new URL("../../../../tools/extract-aws-schemas.mjs", import.meta.url));

const [STS, IAM] = createIdentityServices({ cloud: aLabCloud().cloud, clock: aManualClock() }).formServices as [FormService, FormService];

test("the generated schemas are what the installed SDK publishes", () => {
  const check = spawnSync(process.execPath, [SCRIPT, "--check"], { encoding: "utf8" });
  expect(check.stderr).toBe("");
  expect(check.status).toBe(0);
});

test.each([
  ["ec2", EC2_ACTIONS, EC2_SCHEMA, implemented.ec2],
  ["sts", [...STS.actions.values()], STS.schema, implemented.sts],
  ["cloudwatch", cloudWatchActions(createCloudWatch(NO_STATE.document("alarms"))), CLOUDWATCH_SCHEMA, implemented.cloudwatch],
  ["service-quotas", SERVICE_QUOTAS_ACTIONS, SERVICE_QUOTAS_SCHEMA, implemented["service-quotas"]],
  ["iam", [...IAM.actions.values()], IAM.schema, implemented.iam],
] as const)("%s: the actions, the list of their names and the schema agree", (_, actions, schema, names) => {
  expect(actions.map(({ name }) => name).sort()).toEqual([...names].sort());
  expect(Object.keys(schema.operations).sort()).toEqual([...names].sort());
  expect(schema.otherActions.filter((name) => names.includes(name))).toEqual([]);
});

test("an action of which the schema knows no output answers nothing but success", () => {
  expect(EC2_SCHEMA.operations["CreateTags"]).toEqual({ input: "CreateTagsRequest" });
  expect(EC2_SCHEMA.otherActions).toContain("DescribeVolumes");
});
