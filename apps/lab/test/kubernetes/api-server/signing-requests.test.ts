import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { findKubectl, startLabCluster, type LabCluster } from "./lab-cluster.ts";

const kubectl = findKubectl();
const dir = mkdtempSync(join(tmpdir(), "slash28-csr-"));

function requestFor(name: string, subject: string, more: readonly string[] = []): string {
  const args = `req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${dir}/${name}.key -out ${dir}/${name}.csr -subj`.split(
    " ",
  );
  const made = spawnSync("openssl", [...args, subject, ...more]);
  if (made.status !== 0) throw new Error(made.stderr.toString());
  return readFileSync(join(dir, `${name}.csr`)).toString("base64");
}

function anObject(name: string, request: string, spec: object = {}): string {
  return JSON.stringify({
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name },
    spec: { request, signerName: "kubernetes.io/kube-apiserver-client", usages: ["client auth"], ...spec },
  });
}

describe.skipIf(kubectl === undefined)("certificate signing requests", () => {
  let cluster: LabCluster;

  beforeAll(async () => {
    cluster = await startLabCluster(kubectl ?? "");
  });

  afterAll(async () => {
    expect(cluster.failures).toEqual([]);
    await cluster.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const issued = async (name: string): Promise<string> => {
    await cluster.kubectl(`wait csr/${name} --for=jsonpath={.status.certificate} --timeout=10s`);
    return Buffer.from(await cluster.kubectl(`get csr ${name} -o jsonpath={.status.certificate}`), "base64").toString();
  };

  test("approved ones are signed, and the certificate lets its holder in", async () => {
    await cluster.kubectl(
      "apply -f -",
      anObject("ann", requestFor("ann", "/CN=ann/O=devs"), { expirationSeconds: 3600, username: "liar" }),
    );
    expect(await cluster.kubectl("get csr ann --no-headers")).toMatch(
      /^ann +\S+ +kubernetes\.io\/kube-apiserver-client +kubernetes-admin +1h +Pending/,
    );
    expect(await cluster.kubectl("certificate approve ann")).toContain("certificatesigningrequest.certificates.k8s.io/ann approved");
    const pem = await issued("ann");
    const certificate = new X509Certificate(pem);
    expect(certificate.verify(new X509Certificate(cluster.api.caPem).publicKey)).toBe(true);
    expect(Date.parse(certificate.validTo) - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect(await cluster.kubectl("get csr ann --no-headers")).toContain("Approved,Issued");
    writeFileSync(join(dir, "ann.crt"), pem);
    const as = [
      `--client-certificate=${dir}/ann.crt`,
      `--client-key=${dir}/ann.key`,
      "--kubeconfig=/dev/null",
      `--server=${cluster.url}`,
      "--insecure-skip-tls-verify",
    ];
    const who = await cluster.run([...as, "auth", "whoami", "-o", "jsonpath={.status.userInfo}"]);
    expect(JSON.parse(who.stdout)).toMatchObject({ username: "ann", groups: ["devs", "system:authenticated"] });
    expect((await cluster.run([...as, "get", "pods"])).stderr).toContain('User "ann" cannot list resource "pods"');
  });

  test("denied ones are not, and nobody approves who may not", async () => {
    await cluster.kubectl("apply -f -", anObject("bob", requestFor("bob", "/CN=bob")));
    await cluster.kubectl(
      "create clusterrole half-approver --verb=get,list,update --resource=certificatesigningrequests,certificatesigningrequests/approval",
    );
    await cluster.kubectl("create clusterrolebinding half-approver --clusterrole=half-approver --user=eve");
    const refused = await cluster.run("certificate approve bob --as=eve".split(" "));
    expect(refused.stderr).toContain(
      'User "eve" cannot approve resource "signers" in API group "certificates.k8s.io" at the cluster scope',
    );
    await cluster.kubectl(
      "create clusterrolebinding approver --clusterrole=system:certificates.k8s.io:kube-apiserver-client-approver --user=eve",
    );
    expect(await cluster.kubectl("certificate deny bob --as=eve")).toContain("denied");
    expect(await cluster.kubectl("get csr bob --no-headers")).toContain("Denied");
  });

  test("kubelets get certificates for their node only", async () => {
    const client = { signerName: "kubernetes.io/kube-apiserver-client-kubelet" };
    await cluster.kubectl("apply -f -", anObject("node", requestFor("node", "/O=system:nodes/CN=system:node:node-a"), client));
    await cluster.kubectl("certificate approve node");
    expect(new X509Certificate(await issued("node")).subject).toBe("O=system:nodes\nCN=system:node:node-a");
    await cluster.kubectl("apply -f -", anObject("odd", requestFor("odd", "/CN=ann"), client));
    await cluster.kubectl("certificate approve odd");
    await cluster.kubectl("wait csr/odd --for=condition=Failed --timeout=10s");
    const serving = { signerName: "kubernetes.io/kubelet-serving", usages: ["server auth"] };
    const names = ["-addext", "subjectAltName=DNS:node-a,IP:10.0.0.10"];
    await cluster.kubectl(
      "apply -f -",
      anObject("serving", requestFor("serving", "/O=system:nodes/CN=system:node:node-a", names), serving),
    );
    await cluster.kubectl("certificate approve serving");
    expect(new X509Certificate(await issued("serving")).subjectAltName).toBe("DNS:node-a, IP Address:10.0.0.10");
  });

  test("what is no request is refused", async () => {
    const said = async (text: string): Promise<string> => (await cluster.run(["apply", "-f", "-"], text)).stderr;
    expect(await said(anObject("x", "aGVsbG8="))).toContain("PEM block type must be CERTIFICATE REQUEST");
    const request = requestFor("boss", "/CN=boss/O=system:masters");
    expect(await said(anObject("x", request))).toContain("signer with system:masters group is not allowed");
    expect(await said(anObject("x", requestFor("y", "/CN=y"), { signerName: "mine", usages: ["flying"], expirationSeconds: 5 }))).toMatch(
      /spec\.signerName.*spec\.usages\[0\].*spec\.expirationSeconds/s,
    );
  });
});
