import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cidr4 } from "@slash28/address";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aLabCloud, anEndpoint, given, listening, START_MS, type LabCloud, type ListeningEndpoint } from "./lab-cloud.ts";

/** Debian's `awscli` (version 2), unmodified. */
const AWS = "/usr/bin/aws";
const isInstalled = existsSync(AWS);
if (!isInstalled) process.stderr.write(`skipping the AWS CLI's tests: ${AWS} is absent; install Debian's package awscli\n`);

let lab: LabCloud;
let http: ListeningEndpoint;
let home: string;

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: readonly string[]): Promise<Ended> {
  const env = {
    PATH: "/usr/bin:/bin",
    HOME: home,
    AWS_ACCESS_KEY_ID: "AKIALAB",
    AWS_SECRET_ACCESS_KEY: "lab",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_MAX_ATTEMPTS: "1",
    AWS_PAGER: "",
  };
  const child = spawn(AWS, ["--endpoint-url", http.url, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** What a command that must succeed prints. */
async function prints(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...args);
  if (status !== 0) throw new Error(`aws ${args.join(" ")} ended with ${status}: ${stderr}`);
  return stdout;
}

async function answers(...args: readonly string[]): Promise<unknown> {
  return JSON.parse(await prints("--output", "json", ...args));
}

describe.skipIf(!isInstalled)("the AWS CLI", { timeout: 60_000 }, () => {
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "slash28-aws-cli-"));
    lab = aLabCloud();
    http = await listening(anEndpoint(lab.cloud));
  });

  afterAll(async () => {
    await http.close();
    rmSync(home, { recursive: true });
  });

  test("shows the free addresses of the subnets as a table", async () => {
    const query = "Subnets[*].[SubnetId,CidrBlock,AvailableIpAddressCount]";
    const table = await prints(
      "ec2",
      "describe-subnets",
      "--filters",
      `Name=vpc-id,Values=${lab.vpcId}`,
      "--query",
      query,
      "--output",
      "table",
    );
    const rows = table.split("\n").filter((line) => line.includes("subnet-"));
    expect(
      rows.map((row) =>
        row
          .split("|")
          .map((cell) => cell.trim())
          .filter((cell) => cell !== ""),
      ),
    ).toEqual([
      [lab.subnets[0], "10.0.0.0/24", "250"],
      [lab.subnets[1], "10.0.1.0/24", "251"],
    ]);
  });

  test("shows one subnet's pressure by zone", async () => {
    const query = "Subnets[*].{Id:SubnetId,Available:AvailableIpAddressCount,AZ:AvailabilityZone}";
    expect(await answers("ec2", "describe-subnets", "--subnet-ids", lab.subnets[1], "--query", query)).toEqual([
      { Id: lab.subnets[1], Available: 251, AZ: "us-east-1b" },
    ]);
  });

  test("shows the limits of an instance type", async () => {
    const query = "InstanceTypes[].NetworkInfo.[MaximumNetworkInterfaces,Ipv4AddressesPerInterface]";
    expect(await answers("ec2", "describe-instance-types", "--instance-types", "m5.large", "--query", query)).toEqual([[3, 10]]);
  });

  test("shows the prefixes of an instance's ENIs", async () => {
    const [primary] = lab.cloud.view.attachedEnis(lab.instanceId);
    if (primary === undefined) throw new Error("no primary ENI");
    given(lab.cloud.assignAddresses({ eniId: primary.id, carry: { prefixes: [cidr4("10.0.0.64/28")] } }, { now: START_MS }));
    const query = "Reservations[0].Instances[0].NetworkInterfaces[*].{ENI:NetworkInterfaceId, Ipv4Prefixes:Ipv4Prefixes[*].Ipv4Prefix}";
    expect(await answers("ec2", "describe-instances", "--instance-ids", lab.instanceId, "--query", query)).toEqual([
      { ENI: primary.id, Ipv4Prefixes: ["10.0.0.64/28"] },
    ]);
  });

  test("follows the pages of a list by itself", async () => {
    const types = await answers(
      "ec2",
      "describe-instance-types",
      "--filters",
      "Name=instance-type,Values=m5.*,m6i.*,c5.*,r5.*",
      "--page-size",
      "7",
      "--query",
      "length(InstanceTypes)",
    );
    expect(types).toBeGreaterThan(28);
  });

  test("gives a VPC a secondary block, a subnet in it, tags and a reservation", async () => {
    const { vpcId } = lab;
    const block = ["ec2", "associate-vpc-cidr-block", "--vpc-id", vpcId, "--cidr-block"];
    expect(await answers(...block, "100.64.0.0/16", "--query", "CidrBlockAssociation.CidrBlock")).toBe("100.64.0.0/16");
    const refused = await run(...block, "172.16.0.0/16");
    expect(refused.status).toBe(254);
    expect(refused.stderr).toContain("(InvalidVpc.Range)");
    const subnet = ["ec2", "create-subnet", "--vpc-id", vpcId, "--cidr-block", "100.64.0.0/19", "--availability-zone", "us-east-1b"];
    const subnetId = String(await answers(...subnet, "--query", "Subnet.SubnetId"));
    await prints("ec2", "create-tags", "--resources", subnetId, "--tags", "Key=kubernetes.io/role/cni,Value=1");
    const reserve = [
      "ec2",
      "create-subnet-cidr-reservation",
      "--subnet-id",
      subnetId,
      "--reservation-type",
      "prefix",
      "--cidr",
      "100.64.8.0/21",
    ];
    expect(await answers(...reserve, "--query", "SubnetCidrReservation.ReservationType")).toBe("prefix");
    const shown = "Subnets[].{free:AvailableIpAddressCount,tags:Tags}";
    expect(await answers("ec2", "describe-subnets", "--subnet-ids", subnetId, "--query", shown)).toEqual([
      { free: 8192 - 5 - 2048, tags: [{ Key: "kubernetes.io/role/cni", Value: "1" }] },
    ]);
    const reservations = ["ec2", "get-subnet-cidr-reservations", "--subnet-id", subnetId, "--query", "SubnetIpv4CidrReservations[].Cidr"];
    expect(await answers(...reservations)).toEqual(["100.64.8.0/21"]);
  });

  test("makes a security group and its rules", async () => {
    const made = ["ec2", "create-security-group", "--vpc-id", lab.vpcId, "--group-name", "pods", "--description", "pods of the web tier"];
    const groupId = String(await answers(...made, "--query", "GroupId"));
    await prints(
      "ec2",
      "authorize-security-group-ingress",
      "--group-id",
      groupId,
      "--protocol",
      "tcp",
      "--port",
      "80",
      "--cidr",
      "10.0.0.0/16",
    );
    const again = await run(
      "ec2",
      "authorize-security-group-ingress",
      "--group-id",
      groupId,
      "--protocol",
      "tcp",
      "--port",
      "80",
      "--cidr",
      "10.0.0.0/16",
    );
    expect(again.stderr).toContain("(InvalidPermission.Duplicate)");
    const query =
      "SecurityGroups[0].{in:IpPermissions[].[IpProtocol,FromPort,ToPort,IpRanges[0].CidrIp],out:IpPermissionsEgress[].IpProtocol}";
    expect(await answers("ec2", "describe-security-groups", "--group-ids", groupId, "--query", query)).toEqual({
      in: [["tcp", 80, 80, "10.0.0.0/16"]],
      out: ["-1"],
    });
    const revoked = [
      "ec2",
      "revoke-security-group-ingress",
      "--group-id",
      groupId,
      "--protocol",
      "tcp",
      "--port",
      "80",
      "--cidr",
      "10.0.0.0/16",
    ];
    expect(await answers(...revoked, "--query", "Return")).toBe(true);
    await prints("ec2", "delete-security-group", "--group-id", groupId);
  });

  test("shows zones, routes and who asks", async () => {
    expect(await answers("ec2", "describe-availability-zones", "--query", "AvailabilityZones[].[ZoneName,ZoneId,State]")).toEqual([
      ["us-east-1a", "use1-az1", "available"],
      ["us-east-1b", "use1-az2", "available"],
    ]);
    const routes = [
      "ec2",
      "describe-route-tables",
      "--filters",
      "Name=association.main,Values=true",
      "--query",
      "RouteTables[0].Routes[0].GatewayId",
    ];
    expect(await answers(...routes)).toBe("local");
    expect(await answers("sts", "get-caller-identity", "--query", "Account")).toBe("123456789012");
  });

  test("prints EC2's errors, a dry run's too", async () => {
    const unknown = await run("ec2", "describe-instances", "--instance-ids", "i-00000000000000000");
    expect(unknown.status).toBe(254);
    expect(unknown.stderr).toContain("(InvalidInstanceID.NotFound)");
    const dry = await run("ec2", "create-network-interface", "--subnet-id", lab.subnets[0], "--dry-run");
    expect(dry.stderr).toContain("An error occurred (DryRunOperation) when calling the CreateNetworkInterface operation");
  });
});
