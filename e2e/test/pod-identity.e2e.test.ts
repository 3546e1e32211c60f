import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreatePodIdentityAssociationCommand, DeletePodIdentityAssociationCommand, EKSClient } from "@aws-sdk/client-eks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, labUnderTest } from "../src/index.ts";
import { workloadsOf } from "../src/workloads.ts";

const lab = labUnderTest();
const { apply } = workloadsOf(lab);
const modules = join(fileURLToPath(new URL("../..", import.meta.url)), "node_modules");
const ADDON = "eks-pod-identity-agent";

/** The unmodified AWS SDK: says who it is, and whether it may describe VPCs. */
const SDK = `
const { STSClient, GetCallerIdentityCommand } = require("${modules}/@aws-sdk/client-sts");
const { EC2Client, DescribeVpcsCommand } = require("${modules}/@aws-sdk/client-ec2");
(async () => {
  const { Arn } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
  const vpcs = await new EC2Client({}).send(new DescribeVpcsCommand({})).then(({ Vpcs }) => Vpcs.length, (cause) => cause.name);
  console.log(JSON.stringify({ Arn, vpcs }));
})().catch((cause) => { console.error(String(cause)); process.exit(1); });
`;

const account = (name: string, annotations: object = {}): object => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, annotations },
});
const podOf = (name: string, serviceAccountName: string): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    serviceAccountName,
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: "c",
        image: "busybox",
        command: ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done"],
      },
    ],
  },
});
const startPod = async (name: string, serviceAccount: string): Promise<void> => {
  await apply(podOf(name, serviceAccount));
  await lab.kubectl(["wait", "--for=condition=Ready", `pod/${name}`, "--timeout=60s"]);
};
const within = async (name: string, ...command: string[]): Promise<string> => (await lab.kubectl(["exec", name, "--", ...command])).trim();
const failing = async (name: string, ...command: string[]): Promise<string> => {
  const { code, stdout, stderr } = await lab.kubectlRaw(["exec", name, "--", ...command]);
  expect(code, stdout).not.toBe(0);
  return stderr;
};
const sdk = async (name: string): Promise<{ Arn: string; vpcs: number | string }> =>
  JSON.parse(await within(name, process.execPath, "-e", SDK)) as { Arn: string; vpcs: number | string };
/** What the agent answers: the body, then the status on a line of its own. */
const ask = async (name: string, ...how: string[]): Promise<{ status: string; body: string }> => {
  const line =
    'curl -s --max-time 10 -w "\\n%{http_code}" -H "Authorization: $(cat $AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE)" "$@" $AWS_CONTAINER_CREDENTIALS_FULL_URI';
  const said = (await within(name, "sh", "-c", line, "ask", ...how)).split("\n");
  return { status: said.at(-1) ?? "", body: said.slice(0, -1).join("\n") };
};

/** Words of a command line, then arguments that have spaces. */
const text = async (line: string, ...more: string[]): Promise<string> =>
  (await lab.aws([...line.split(" "), ...more, "--output", "text"])).trim();
/** A role with this trust, and a policy that lets it describe VPCs only as the service account `reader`. */
const createRole = async (name: string, trust: object): Promise<string> => {
  const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", ...trust }] };
  const create = `iam create-role --role-name ${name} --query Role.Arn --assume-role-policy-document`;
  const arn = await text(create, JSON.stringify(policy));
  const may = {
    Effect: "Allow",
    Action: "ec2:DescribeVpcs",
    Resource: "*",
    Condition: { StringEquals: { "aws:PrincipalTag/kubernetes-service-account": "reader" } },
  };
  const document = JSON.stringify({ Version: "2012-10-17", Statement: [may] });
  await lab.aws(["iam", "put-role-policy", "--role-name", name, "--policy-name", "look", "--policy-document", document]);
  return arn;
};
const podTrust = (condition?: object): object => ({
  Principal: { Service: "pods.eks.amazonaws.com" },
  Action: ["sts:AssumeRole", "sts:TagSession"],
  ...(condition === undefined ? {} : { Condition: condition }),
});
/** By the SDK: Debian's CLI is older than Pod Identity. */
const associate = async (serviceAccount: string, roleArn: string): Promise<string> => {
  const input = { clusterName: lab.name, namespace: "default", serviceAccount, roleArn };
  return (await eks.send(new CreatePodIdentityAssociationCommand(input))).association?.associationId ?? "";
};

let eks: EKSClient;
let reader = "";
beforeAll(async () => {
  await lab.up();
  const { endpoints } = await lab.status();
  eks = new EKSClient({ endpoint: endpoints.aws, region: "us-east-1", credentials: { accessKeyId: "lab", secretAccessKey: "lab" } });
  await lab.aws(["eks", "create-addon", "--cluster-name", lab.name, "--addon-name", ADDON]);
  await lab.aws(["eks", "wait", "addon-active", "--cluster-name", lab.name, "--addon-name", ADDON], { timeoutMs: 120_000 });
  reader = await createRole("reader", podTrust({ StringEquals: { "aws:RequestTag/kubernetes-namespace": "default" } }));
  for (const name of ["reader", "other", "stranger", "gone"]) await apply(account(name));
}, 240_000);
afterAll(async () => {
  eks.destroy();
  await lab.down();
}, 90_000);

describe("D1 EKS Pod Identity", () => {
  test("the add-on's pod runs on every node, ready by its own probes", async () => {
    const addon = `eks describe-addon --cluster-name ${lab.name} --addon-name ${ADDON} --query addon.[status,health.issues]`;
    expect(await text(addon)).toBe("ACTIVE");
    const counts = await lab.kubectl([
      "get",
      "daemonset",
      ADDON,
      "-n",
      "kube-system",
      "-o",
      "jsonpath={.status.numberReady}/{.status.desiredNumberScheduled}",
    ]);
    expect(counts).toBe(`${(await lab.status()).nodes.length}/${(await lab.status()).nodes.length}`);
  });

  test("a pod of an associated service account is its role, to an unmodified SDK, with session tags that policies see", async () => {
    await associate("reader", reader);
    await startPod("reader", "reader");
    const { Arn, vpcs } = await sdk("reader");
    expect(Arn).toMatch(new RegExp(`^arn:aws:sts::\\d{12}:assumed-role/reader/eks-${lab.name}-`));
    expect(vpcs).toBeGreaterThanOrEqual(1);
    await associate("other", reader);
    await startPod("other", "other");
    expect((await sdk("other")).vpcs).toBe("UnauthorizedOperation");
  });

  test("curl reads the credentials, and the stock CLI acts with them", async () => {
    const { status, body } = await ask("reader");
    expect(status).toBe("200");
    const keys = JSON.parse(body) as Record<string, string>;
    expect(Object.keys(keys)).toEqual(["AccessKeyId", "SecretAccessKey", "Token", "AccountId", "Expiration"]);
    const hours = (Date.parse(keys["Expiration"] ?? "") - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(5.5);
    expect(hours).toBeLessThanOrEqual(6);
    const variables = [
      `AWS_ACCESS_KEY_ID=${keys["AccessKeyId"]}`,
      `AWS_SECRET_ACCESS_KEY=${keys["SecretAccessKey"]}`,
      `AWS_SESSION_TOKEN=${keys["Token"]}`,
    ];
    expect(
      await within("reader", "env", ...variables, "/usr/bin/aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"),
    ).toContain(":assumed-role/reader/");
  });

  test("the same pod is answered from what the agent keeps", async () => {
    const [first, second] = [await ask("reader"), await ask("reader")];
    expect(second).toEqual(first);
  });

  test("who asks wrongly is told why", async () => {
    expect(await ask("reader", "-H", "Host: evil.example")).toMatchObject({
      status: "403",
      body: expect.stringMatching(/^Access Denied\./),
    });
    const send = (token: string): Promise<string> =>
      within("reader", "sh", "-c", `curl -s -H "Authorization: ${token}" $AWS_CONTAINER_CREDENTIALS_FULL_URI`);
    expect(await send("Bearer $(cat $AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE)")).toContain("without a scheme");
    expect(await send("$(cut -d. -f1-2 $AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE).c2ln")).toContain("InvalidTokenException");
  });

  test("a trust policy that asks for other tags refuses, and the pod hears it", async () => {
    const elsewhere = await createRole("elsewhere", podTrust({ StringEquals: { "aws:RequestTag/kubernetes-namespace": "elsewhere" } }));
    await associate("stranger", elsewhere);
    await startPod("stranger", "stranger");
    expect(await ask("stranger")).toMatchObject({ status: "400", body: expect.stringMatching(/AccessDeniedException.*elsewhere/) });
    expect(await failing("stranger", process.execPath, "-e", SDK)).toMatch(/CredentialsProviderError|AccessDenied/);
  });

  test("after the association is gone a pod hears that it has none, and new pods ask nobody", async () => {
    const id = await associate("gone", reader);
    await startPod("gone", "gone");
    await eks.send(new DeletePodIdentityAssociationCommand({ clusterName: lab.name, associationId: id }));
    expect(await ask("gone")).toMatchObject({ status: "404", body: expect.stringContaining("No pod identity association was found") });
    await startPod("gone-2", "gone");
    expect(await within("gone-2", "env")).not.toMatch(/AWS_(CONTAINER|REGION)/);
  });

  test("its configuration reaches the agent, and what the schema does not know is refused", async () => {
    const line = `eks update-addon --cluster-name ${lab.name} --addon-name ${ADDON} --resolve-conflicts OVERWRITE --configuration-values`;
    const update = (values: object): ReturnType<typeof lab.awsRaw> => lab.awsRaw([...line.split(" "), JSON.stringify(values)]);
    expect((await update({ agent: { flags: {} } })).stderr).toContain("$.agent.flags: is not defined in the schema");
    expect((await update({ agent: { additionalArgs: { "-b": "169.254.170.23" } } })).code).toBe(0);
    await lab.kubectl(["rollout", "status", `daemonset/${ADDON}`, "-n", "kube-system", "--timeout=120s"]);
    const logs = (): Promise<string> => lab.kubectl(["logs", "-n", "kube-system", `daemonset/${ADDON}`, "-c", ADDON]);
    await eventually("the agent's new log", async () => (await logs()).includes("the agent serves pods"));
    expect(await logs()).not.toContain("fd00:ec2::23");
    expect((await ask("reader")).status).toBe("200");
  });
});

describe("D2 IAM roles for service accounts", () => {
  let issuer = "";
  let provider = "";
  const trust = (account: string): object => ({
    Principal: { Federated: provider },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { StringEquals: { [`${issuer}:sub`]: `system:serviceaccount:${account}`, [`${issuer}:aud`]: "sts.amazonaws.com" } },
  });
  beforeAll(async () => {
    const url = await text(`eks describe-cluster --name ${lab.name} --query cluster.identity.oidc.issuer`);
    issuer = url.replace("https://", "");
    provider = await text(
      `iam create-open-id-connect-provider --url ${url} --client-id-list sts.amazonaws.com ` +
        "--thumbprint-list 9e99a48a9960b14926bb7f3b02e22da2b0ab7280 --query OpenIDConnectProviderArn",
    );
    const roleArn = await createRole("irsa", trust("default:irsa"));
    for (const account of ["irsa", "impostor"]) {
      await lab.kubectl(["create", "serviceaccount", account]);
      await lab.kubectl(["annotate", "serviceaccount", account, `eks.amazonaws.com/role-arn=${roleArn}`]);
    }
  }, 60_000);

  test("the stock aws in a pod of an annotated service account is its role, and so is the SDK", async () => {
    await startPod("irsa", "irsa");
    const who = await within("irsa", "/usr/bin/aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text");
    expect(who).toMatch(/^arn:aws:sts::\d{12}:assumed-role\/irsa\//);
    expect((await sdk("irsa")).Arn).toContain(":assumed-role/irsa/");
  });

  test("a wrong sub is refused by the trust policy", async () => {
    await startPod("impostor", "impostor");
    expect(await failing("impostor", "/usr/bin/aws", "sts", "get-caller-identity")).toContain(
      "(AccessDenied) when calling the AssumeRoleWithWebIdentity operation",
    );
  });

  test("the CNI's own add-on lives by its service account's role, when its node's role may no longer do its work", async () => {
    const policy = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy";
    const roleArn = await createRole("cni", trust("kube-system:aws-node"));
    await lab.aws(["iam", "attach-role-policy", "--role-name", "cni", "--policy-arn", policy]);
    await lab.aws(["iam", "detach-role-policy", "--role-name", "slash28-node", "--policy-arn", policy]);
    const addon = `--cluster-name ${lab.name} --addon-name vpc-cni`.split(" ");
    await lab.aws(["eks", "update-addon", ...addon, "--service-account-role-arn", roleArn, "--resolve-conflicts", "OVERWRITE"]);
    await lab.kubectl(["rollout", "restart", "daemonset/aws-node", "-n", "kube-system"]);
    await lab.kubectl(["rollout", "status", "daemonset/aws-node", "-n", "kube-system", "--timeout=120s"], { timeoutMs: 130_000 });
    await startPod("later", "default");
    const events = await lab.kubectl(["get", "events", "-A", "--field-selector", "reason=MissingIAMPermissions", "-o", "name"]);
    expect(events.trim()).toBe("");
  });
});
