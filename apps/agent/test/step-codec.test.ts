import { asId } from "@slash28/address";
import { expect, test } from "vitest";
import { decodeStep, stepLine, type Step } from "../src/pods/step-codec.ts";

const CREATE: Step = {
  step: "create-eni",
  request: {
    subnetId: asId("subnet-1"),
    groups: [asId("sg-1")],
    description: "aws-K8S-i-1",
    tags: { team: "net" },
    connectionTracking: { tcpEstablishedTimeout: 350, udpTimeout: 45 },
    carry: { kind: "prefixes", count: 2 },
    clientToken: "0123",
  },
};

test("a creation is read back as it was written, every field: EC2 takes the same token for the same request only", () => {
  expect(decodeStep(stepLine(CREATE))).toEqual(CREATE);
  const { connectionTracking: _, ...plain } = CREATE.request;
  expect(decodeStep(stepLine({ ...CREATE, request: plain }))).toEqual({ ...CREATE, request: plain });
});
