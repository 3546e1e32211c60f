import { describe, expect, test } from "vitest";
import { checkHost, type HostFacts } from "../../src/host-check/index.ts";

const debian: HostFacts = { platform: "linux", isRoot: true, hasProgram: () => true };

describe("whether a machine can run a lab", () => {
  test("root on Linux with ip and nft can", () => {
    expect(checkHost(debian, "kernel")).toEqual({ kind: "ready" });
  });

  test.each([
    ["another system", { ...debian, platform: "darwin" }, "the lab's data plane needs Linux, this is darwin"],
    ["no root", { ...debian, isRoot: false }, "which needs root; use sudo"],
    ["a missing tool and no apt", { ...debian, hasProgram: (name: string) => name === "ip" }, "nft (package nftables) is not installed"],
  ])("%s is said in one line that offers the simulated data plane", (_, facts, said) => {
    const check = checkHost(facts, "kernel");
    expect(check.kind).toBe("unfit");
    const reason = check.kind === "unfit" ? check.reason : "";
    expect(reason).toContain(said);
    expect(reason).toContain("slash28 lab up --data-plane simulated");
    expect(reason).not.toContain("\n");
  });

  test("missing tools are installed where apt and root are there", () => {
    expect(checkHost({ ...debian, hasProgram: (name) => name === "apt-get" }, "kernel")).toEqual({
      kind: "installable",
      packages: ["iproute2", "nftables"],
    });
  });

  test("without packets anything will do", () => {
    expect(checkHost({ platform: "darwin", isRoot: false, hasProgram: () => false }, "simulated")).toEqual({ kind: "ready" });
  });
});
