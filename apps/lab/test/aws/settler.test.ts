import { expect, test } from "vitest";
import { createSettler } from "../../src/aws/settler.ts";
import { aLabCloud, aLog, aManualClock, given } from "./lab-cloud.ts";

test("what a kept cloud was left in the middle of comes to its end", async () => {
  const { cloud, subnets, instanceId } = aLabCloud({ settle: "by-caller" });
  const call = { now: 0 };
  given(cloud.settleInstance({ instanceId }, call));
  const eni = given(cloud.createEni({ subnetId: subnets[0] }, call));
  given(cloud.attachEni({ eniId: eni.id, instanceId, deviceIndex: 1 }, call));
  expect(cloud.view.eni(eni.id)?.attachment?.status).toBe("attaching");
  const clock = aManualClock();
  const settler = createSettler({ cloud, clock, profile: "realistic", random: () => 0.5, log: aLog(), afterMutation: () => undefined });
  await clock.advance(60_000);
  expect(cloud.view.eni(eni.id)?.attachment?.status).toBe("attached");
  settler.close();
});
