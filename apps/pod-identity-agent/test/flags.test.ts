import { describe, expect, test } from "vitest";
import { agentProgram, defaultProfile, sharedCredentials, type ServerFlags } from "../src/index.ts";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

async function flagsOf(...args: string[]): Promise<ServerFlags | string> {
  let seen: ServerFlags | string = "nothing was run";
  const program = agentProgram({
    server: async (flags) => void (seen = await Promise.resolve(flags)),
    initialize: (level) => void (seen = level),
  });
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: (text) => void (seen = text) });
  await program.parseAsync(args, { from: "user" }).catch(() => undefined);
  return seen;
}

describe("flags", () => {
  test("have upstream's names and defaults", async () => {
    expect(await flagsOf("server", "--cluster-name", "lab")).toEqual({
      clusterName: "lab",
      port: 80,
      probePort: 2703,
      metricsPort: 2705,
      metricsAddress: "0.0.0.0",
      bindHosts: ["169.254.170.23", "fd00:ec2::23"],
      retentionMs: 10_800_000,
      maxCacheSize: 2_000,
      maxServiceQps: 3,
      endpoint: undefined,
      rotateCredentials: false,
      verbosity: "info",
    });
  });

  test.each([
    [["-b", "169.254.170.23"], { bindHosts: ["169.254.170.23"] }],
    [["-b", "169.254.170.23,[fd00:ec2::23]"], { bindHosts: ["169.254.170.23", "fd00:ec2::23"] }],
    [["-b", "169.254.170.23", "-b", "[fd00:ec2::23]"], { bindHosts: ["169.254.170.23", "fd00:ec2::23"] }],
    [["--max-credential-retention-before-renewal", "1h30m"], { retentionMs: 5_400_000 }],
    [["--max-credential-retention-before-renewal", "0"], { retentionMs: 0 }],
    [["-v", "trace", "--rotate-credentials"], { verbosity: "trace", rotateCredentials: true }],
  ])("%j", async (args, expected) => {
    expect(await flagsOf("server", "-c", "lab", ...args)).toMatchObject(expected);
  });

  test.each([
    [["server"], "--cluster-name"],
    [["server", "-c", "lab", "-p", "http"], "must be a port"],
    [["server", "-c", "lab", "--max-credential-retention-before-renewal", "3 hours"], "must be a duration"],
    [["server", "-c", "lab", "--max-service-qps", "0"], "above 0"],
    [["server", "-c", "lab", "-v", "loud"], "Allowed choices"],
  ])("%j is refused", async (args, why) => {
    expect(await flagsOf(...args)).toContain(why);
  });

  test("initialize takes a verbosity", async () => {
    expect(await flagsOf("initialize", "-v", "debug")).toBe("debug");
  });
});

describe("the shared credentials file", () => {
  test("gives the default profile's keys", () => {
    const text =
      "[other]\naws_access_key_id = X\n[ default ]\n# ours\naws_access_key_id=AKIA\r\naws_secret_access_key = s=cr/t\n[more]\naws_session_token=t";
    expect(defaultProfile(text)).toEqual({ accessKeyId: "AKIA", secretAccessKey: "s=cr/t" });
    expect(defaultProfile("[other]\naws_access_key_id=X\naws_secret_access_key=Y")).toBeUndefined();
  });

  test("is read anew after a minute, and missing is told", async () => {
    const folder = mkdtempSync(join(tmpdir(), "keys-"));
    const file = join(folder, "credentials");
    let now = 0;
    const keys = sharedCredentials({ AWS_SHARED_CREDENTIALS_FILE: file }, { now: () => now });
    await expect(keys()).rejects.toThrow(`${file} cannot be read`);
    const put = (id: string): void => writeFileSync(file, `[default]\naws_access_key_id=${id}\naws_secret_access_key=s`);
    put("A");
    expect((await keys()).accessKeyId).toBe("A");
    put("B");
    now = 59_999;
    expect((await keys()).accessKeyId).toBe("A");
    now = 60_000;
    expect((await keys()).accessKeyId).toBe("B");
    rmSync(folder, { recursive: true });
  });
});
