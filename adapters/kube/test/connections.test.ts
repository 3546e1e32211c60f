import { createManualClock } from "@slash28/testkit";
import { describe, expect, test } from "vitest";
import { connectionFromKubeconfig, kubeFromCluster } from "../src/index.ts";

const clock = createManualClock();

const base64 = (text: string): string => Buffer.from(text).toString("base64");

const config = (user: string): string => `
apiVersion: v1
kind: Config
current-context: lab
clusters:
  - name: slash28
    cluster: { server: "https://127.0.0.1:6443", certificate-authority-data: ${base64("CA")} }
users:
  - name: admin
    user: ${user}
contexts:
  - name: lab
    context: { cluster: slash28, user: admin }
`;

describe("a kubeconfig", () => {
  test("gives server, CA and the kind of credentials its user has", async () => {
    const certificate = await connectionFromKubeconfig(
      config(`{ client-certificate-data: ${base64("CERT")}, client-key-data: ${base64("KEY")} }`),
      { clock },
    );
    expect(certificate).toMatchObject({
      server: "https://127.0.0.1:6443",
      ca: "CA",
      credentials: { kind: "certificate", certificate: "CERT", key: "KEY" },
    });
    expect(await connectionFromKubeconfig(config("{ token: abc }"), { clock })).toMatchObject({
      credentials: { kind: "token", token: "abc" },
    });
    const file = await connectionFromKubeconfig(config("{ tokenFile: /t }"), { clock, readFile: async (path) => `from ${path}` });
    expect(file.credentials.kind === "token-file" && (await file.credentials.read())).toBe("from /t");
  });

  test.each([
    ["clusters: [", /is not YAML/],
    ["current-context: other", /has no context other/],
    [config("{ exec: { command: aws } }"), /credential plugin/],
    [config("{ client-certificate: /c, client-key: /k }"), /names the file \/c/],
  ])("that cannot be used says why (%#)", async (text, why) => {
    await expect(connectionFromKubeconfig(text, { clock })).rejects.toThrow(why);
  });
});

describe("in a pod", () => {
  test("without any address it says that this is not a pod", async () => {
    await expect(kubeFromCluster({ env: {}, readFile: async () => "", clock })).rejects.toThrow(/this is not a pod/);
  });

  test("without a service account it asks whether one is mounted", async () => {
    const readFile = async (path: string): Promise<string> => {
      throw new Error(`ENOENT ${path}`);
    };
    const env = { KUBERNETES_SERVICE_HOST: "10.100.0.1" };
    await expect(kubeFromCluster({ env, readFile, clock })).rejects.toThrow(
      /ENOENT .*serviceaccount\/ca.crt.*is the service account mounted/,
    );
  });

  test("CLUSTER_ENDPOINT wins, and SERVICE_ACCOUNT_DIR moves the files", async () => {
    const read: string[] = [];
    const readFile = async (path: string): Promise<string> => {
      read.push(path);
      return "";
    };
    const env = { KUBERNETES_SERVICE_HOST: "10.100.0.1", CLUSTER_ENDPOINT: "127.0.0.1:1", SERVICE_ACCOUNT_DIR: "/sa" };
    const kube = await kubeFromCluster({ env, readFile, clock });
    await expect(kube.get({ group: "", version: "v1", plural: "nodes" }, "n")).rejects.toThrow(/127\.0\.0\.1:1/);
    expect(read).toEqual(["/sa/ca.crt", "/sa/token"]);
    kube.close();
  });
});

test("a kubeconfig that is not YAML is told by the place of the mistake, and nothing of what stands there", async () => {
  const text = "users:\n  - name: a\n    user: { token: my-secret-token\n";
  const failed = connectionFromKubeconfig(text, { clock, readFile: () => Promise.resolve("") });
  await expect(failed).rejects.toThrow(/^[^\n]*the kubeconfig is not YAML: [^\n]* at line 4, column 1[^\n]*$/);
  await expect(failed).rejects.not.toThrow(/my-secret-token/);
});
