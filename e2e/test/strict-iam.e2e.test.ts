import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultCluster } from "@slash28/cluster-file";
import { afterAll, beforeAll, expect, test } from "vitest";
import { labUnderTest, webDeployment, workloadsOf, type Ran } from "../src/index.ts";

const lab = labUnderTest();
const workloads = workloadsOf(lab);
const folder = mkdtempSync(join(tmpdir(), "s28-strict-"));

beforeAll(async () => lab.up({ cluster: defaultCluster({ nodes: 2 }), args: ["--iam", "strict"] }), 180_000);
afterAll(async () => {
  await lab.down();
  rmSync(folder, { recursive: true, force: true });
}, 90_000);

const paste = (line: string, variables: Readonly<Record<string, string>> = {}): Promise<Ran> => lab.paste(line, { cwd: folder, variables });

test("agents sign with what the metadata service gives them: pods get more addresses than a node begins with", async () => {
  await lab.kubectl(["apply", "-f", "-"], { input: JSON.stringify(webDeployment("web", 40, {})) });
  await workloads.running(40, 120_000, "-l", "app=web");
}, 150_000);

test("the stock aws signs with what lab env says; other keys and secrets are refused in AWS's words", async () => {
  expect((await paste("aws sts get-caller-identity --query Arn --output text")).stdout).toMatch(/:user\/lab\s*$/);
  expect((await paste(`aws eks describe-cluster --name ${lab.name} --query cluster.status --output text`)).stdout.trim()).toBe("ACTIVE");
  const wrong = { AWS_SECRET_ACCESS_KEY: "wrong" };
  expect((await paste("aws ec2 describe-vpcs", wrong)).stderr).toContain("(SignatureDoesNotMatch)");
  expect((await paste("aws eks list-clusters", wrong)).stderr).toContain("(InvalidSignatureException)");
  const unknown = { AWS_ACCESS_KEY_ID: "slash28", AWS_SECRET_ACCESS_KEY: "slash28" };
  expect((await paste("aws ec2 describe-vpcs", unknown)).stderr).toContain("(AuthFailure)");
  expect((await paste("aws sts get-caller-identity", unknown)).stderr).toContain("(InvalidClientTokenId)");
  expect((await paste("aws eks list-clusters", unknown)).stderr).toContain("(UnrecognizedClientException)");
}, 120_000);

test("kubectl comes in by aws eks get-token with these keys, and by no others", async () => {
  await lab.aws(["eks", "update-kubeconfig", "--name", lab.name, "--kubeconfig", join(folder, "own.yaml")]);
  const getNodes = "kubectl --kubeconfig own.yaml get nodes -o name";
  expect((await paste(getNodes)).stdout.trim().split("\n")).toHaveLength(2);
  expect((await paste(getNodes, { AWS_SECRET_ACCESS_KEY: "wrong" })).code).not.toBe(0);
  expect((await paste(getNodes, { AWS_ACCESS_KEY_ID: "slash28", AWS_SECRET_ACCESS_KEY: "slash28" })).code).not.toBe(0);
}, 120_000);
