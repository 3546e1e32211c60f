import { execFile, spawnSync } from "node:child_process";
import { quietLog } from "@slash28/testkit";
import { ipv4 } from "@slash28/address";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFabric, readTopology, type Fabric } from "../../src/fabric/index.ts";
import { serveVpcResolver } from "../../src/resolver/index.ts";
import { aLabCloud, given, START_MS } from "../aws/lab-cloud.ts";

const name = `dns${process.pid}`;
const { cloud, vpcId, instanceId } = aLabCloud();
let fabric: Fabric;
let closeResolver = (): Promise<void> => Promise.resolve();

beforeAll(async () => {
  fabric = createFabric(name);
  const vpc = cloud.view.vpc(vpcId);
  if (vpc === undefined) throw new Error("no VPC");
  fabric.carry(readTopology(cloud.view, vpc));
  const options = { cloud, vpcId, router: fabric.router, log: quietLog };
  const names = (asked: string): readonly ReturnType<typeof ipv4>[] | undefined =>
    asked === "k8s-web.elb.us-east-1.amazonaws.com" ? [ipv4("10.0.0.77")] : undefined;
  const resolver = await serveVpcResolver({ ...options, moreNames: [names] });
  closeResolver = () => resolver.close();
});
afterAll(async () => {
  await closeResolver();
  fabric.close();
});

/** Runs a script of Node in the instance's namespace and gives what it prints. The resolver is in this process, which must not wait. */
function inside(script: string, ...args: readonly string[]): Promise<string> {
  const entered = [`--net=${fabric.namespaceOf(instanceId)}`, process.execPath, "-e", script, ...args];
  return new Promise((resolve) => {
    execFile("nsenter", entered, { timeout: 30_000 }, (_, stdout, stderr) => resolve(`${stdout}${stderr}`.trim()));
  });
}

const RESOLVE = `
const { Resolver } = require("node:dns").promises;
const resolver = new Resolver({ timeout: 2000, tries: 1 });
const [server, type, name] = process.argv.slice(1);
resolver.setServers([server]);
resolver.resolve(name, type).then((found) => console.log(JSON.stringify(found)), (cause) => console.log(cause.code));`;

test.each(["169.254.169.253", "10.0.0.2"])("an instance finds names at %s", async (server) => {
  const ask = (name: string, type = "A"): Promise<string> => inside(RESOLVE, server, type, name);
  expect(await ask("ip-10-0-0-9.ec2.internal")).toBe('["10.0.0.9"]');
  expect(await ask("9.0.0.10.in-addr.arpa", "PTR")).toBe('["ip-10-0-0-9.ec2.internal"]');
  expect(await ask("www.example.com")).toBe('["198.51.100.80"]');
  expect(await ask("k8s-web.elb.us-east-1.amazonaws.com")).toBe('["10.0.0.77"]');
  expect(await ask("nothing.example.com")).toBe("ENOTFOUND");
});

/** One question over TCP, by its bytes: length, header, www.example.com, A, IN. */
const OVER_TCP = `
const socket = require("node:net").connect(53, "169.254.169.253");
const name = Buffer.concat(["www", "example", "com"].map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)])));
const query = Buffer.concat([Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), name, Buffer.from([0, 0, 1, 0, 1])]);
socket.write(Buffer.of(0)); setTimeout(() => socket.write(Buffer.concat([Buffer.of(query.length), query])), 50);
socket.on("data", (bytes) => { console.log(bytes.readUInt16BE(2), [...bytes.subarray(-4)].join(".")); socket.end(); });`;

test("also over TCP, in whatever pieces the question comes", async () => {
  expect(await inside(OVER_TCP)).toBe("7 198.51.100.80");
});

const FLOOD = `
const socket = require("node:dgram").createSocket("udp4");
const query = Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 120, 0, 0, 1, 0, 1]);
let answers = 0; const begun = Date.now();
socket.on("message", () => answers++);
socket.connect(53, "169.254.169.253", () => {
  let sent = 0;
  const some = () => { for (let i = 0; i < 200; i++) socket.send(query); sent += 200; if (sent < 8000) setImmediate(some); else setTimeout(() => { console.log(JSON.stringify({ answers, seconds: (Date.now() - begun) / 1000 })); process.exit(0); }, 300); };
  some();
});`;

test("an ENI that asks more often than EC2 allows gets no more answers than that", async () => {
  const { answers, seconds } = JSON.parse(await inside(FLOOD)) as { answers: number; seconds: number };
  expect(answers).toBeGreaterThan(0);
  // The burst, and what the rate allows in the time it took.
  expect(answers).toBeLessThanOrEqual(1_024 + 1_024 * seconds + 64);
  const counted = spawnSync(
    "nsenter",
    [`--net=/run/netns/s28-${name}-router`, "nft", "list", "counter", "ip", "slash28-resolver", "over-limit"],
    {
      encoding: "utf8",
    },
  ).stdout;
  expect(Number(/packets (\d+)/.exec(counted)?.[1])).toBeGreaterThan(0);
});

test("a VPC without DNS support has no resolver", async () => {
  given(cloud.modifyVpc({ vpcId, change: { attribute: "dns-support", value: false } }, { now: START_MS }));
  expect(await inside(RESOLVE, "169.254.169.253", "A", "www.example.com")).toBe("EREFUSED");
});
