import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { ipv4, type InstanceId } from "@slash28/address";
import { createNamespace, deleteNamespace, listenInNamespace } from "@slash28/linux";
import { afterEach, expect, test } from "vitest";
import { createMetadataService, serve, type Serving } from "../../src/aws/index.ts";
import { aLabCloud, aManualClock, anInstance } from "./lab-cloud.ts";

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write("skipping the metadata service's kernel test: it makes network namespaces and needs root\n");

const ADDRESS = "169.254.169.254";
const run = promisify(execFile);
const namespaces: string[] = [];
const servings: Serving[] = [];

/** A namespace of its own that owns the metadata address, so that nothing sent there leaves it. */
async function anInstanceNamespace(cloud: ReturnType<typeof aLabCloud>["cloud"], instanceId: InstanceId): Promise<string> {
  const name = `s28-imds-${randomBytes(4).toString("hex")}`;
  const path = createNamespace(name);
  namespaces.push(name);
  execFileSync("ip", ["-n", name, "address", "add", `${ADDRESS}/32`, "dev", "lo"]);
  const service = createMetadataService({ cloud, instanceId, clock: aManualClock() });
  servings.push(await serve(service.fetch, { kind: "descriptor", fd: listenInNamespace(path, ipv4(ADDRESS), 80) }));
  return name;
}

async function curl(namespace: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run("ip", ["netns", "exec", namespace, "curl", "--silent", "--fail", "--max-time", "10", ...args]);
  return stdout;
}

afterEach(async () => {
  await Promise.all(servings.splice(0).map((serving) => serving.close()));
  for (const name of namespaces.splice(0)) deleteNamespace(name);
});

test.skipIf(!isRoot)("one process answers at one address in two namespaces, to each of its own instance", async () => {
  const { cloud, instanceId, subnets } = aLabCloud();
  const other = anInstance(cloud, subnets[1]).id;
  for (const id of [instanceId, other]) {
    const namespace = await anInstanceNamespace(cloud, id);
    const base = `http://${ADDRESS}/latest`;
    const token = await curl(namespace, "--request", "PUT", "--header", "X-aws-ec2-metadata-token-ttl-seconds: 60", `${base}/api/token`);
    const header = `X-aws-ec2-metadata-token: ${token}`;
    expect(await curl(namespace, "--header", header, `${base}/meta-data/instance-id`)).toBe(id);
  }
});
