import "reflect-metadata";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:https";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { X509Certificate } from "@peculiar/x509";
import { afterAll, expect, test } from "vitest";
import { serve } from "../../src/aws/index.ts";
import { NO_STATE, type StateStore } from "../../src/state/index.ts";
import { awsCertificates } from "../../src/supervisor/aws-certificates.ts";

const folder = mkdtempSync(join(tmpdir(), "trust-"));
const trustFile = join(folder, "trusted.pem");
afterAll(() => rmSync(folder, { recursive: true }));

/** A state that keeps one document, as a lab's folder does. */
function oneDocument(): StateStore {
  let saved: unknown;
  const document = (): object => ({
    get saved() {
      return saved;
    },
    keep: (value: unknown) => void (saved = value),
  });
  return { ...NO_STATE, document: document as never };
}

const askAs = async (servername: string, port: number): Promise<number | string> => {
  const asked = get({ host: "127.0.0.1", port, servername, ca: readFileSync(trustFile, "utf8"), agent: false });
  try {
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    response.resume();
    return response.statusCode ?? 0;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code ?? String(cause);
  }
};

test("the lab's endpoint speaks TLS for AWS's names to whoever trusts the lab, and for no other name", async () => {
  const certificate = await awsCertificates({ region: "eu-west-1", state: NO_STATE, clock: Date, trustFile });
  const served = await serve(() => Promise.resolve(new Response("here")), { kind: "port", host: "127.0.0.1", port: 0 }, certificate);
  const ask = (name: string): Promise<number | string> => askAs(name, served.port ?? 0);
  for (const name of [
    "sts.eu-west-1.amazonaws.com",
    "sts.amazonaws.com",
    "eks-auth.eu-west-1.api.aws",
    "oidc.eks.eu-west-1.amazonaws.com",
  ]) {
    expect([name, await ask(name)]).toEqual([name, 200]);
  }
  expect(await ask("www.example.com")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  await served.close();
});

test("who trusted it before a restart trusts it after", async () => {
  const state = oneDocument();
  const options = { region: "us-east-1", state, clock: Date, trustFile };
  const [, authority] = [
    await awsCertificates(options),
    readFileSync(trustFile, "utf8")
      .trim()
      .split(/(?=-----BEGIN)/)
      .at(-1),
  ];
  await awsCertificates(options);
  expect(
    readFileSync(trustFile, "utf8")
      .trim()
      .split(/(?=-----BEGIN)/)
      .at(-1),
  ).toBe(authority);
});

test("certificates say whose key is whose, which strict programs insist on", async () => {
  const { certPem } = await awsCertificates({ region: "us-east-1", state: NO_STATE, clock: Date, trustFile });
  const own = new X509Certificate(certPem);
  const authority = new X509Certificate(
    readFileSync(trustFile, "utf8")
      .trim()
      .split(/(?=-----BEGIN)/)
      .at(-1) ?? "",
  );
  const subjectKey = "2.5.29.14";
  const authorityKey = "2.5.29.35";
  for (const certificate of [own, authority]) {
    expect([certificate.getExtension(subjectKey), certificate.getExtension(authorityKey)]).not.toContain(null);
  }
});
