// The certificate library builds on decorators' metadata, which must be there first.
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type Extension,
  type JsonName,
} from "@peculiar/x509";

const DAY_MS = 86_400_000;
const VALID_MS = 365 * DAY_MS;
/** Clocks of machines differ a little; a certificate born this moment must be good on all of them. */
const BACKDATED_MS = 5 * 60_000;
const AUTHORITY_NAME: JsonName = [{ CN: ["slash28-lab-ca"] }];
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A certificate and its private key, PEM. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface Authority {
  readonly caPem: string;
  /** The authority's own certificate and key, to go on with another time. */
  readonly own: KeyPair;
  /** A serving certificate for these DNS names and addresses. */
  issueServer(names: readonly string[]): Promise<KeyPair>;
  /** A client certificate: Kubernetes takes the user from CN and the groups from O. */
  issueClient(user: string, groups: readonly string[]): Promise<KeyPair>;
  /** A certificate for a key that somebody else holds. */
  certify(order: CertificateOrder): Promise<string>;
}

/** What a certificate is to say. */
export interface CertificateOrder {
  readonly subject: JsonName;
  readonly publicKey: webcrypto.CryptoKey;
  readonly purpose: "client" | "server";
  /** DNS names and addresses it speaks for. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

/** A certificate authority of the cluster's own: the saved one, or a new one. */
export async function createAuthority(now: number, saved?: KeyPair): Promise<Authority> {
  const own = saved === undefined ? await newKeys() : await keysOf(saved);
  const sign = async (
    subject: JsonName,
    publicKey: webcrypto.CryptoKey,
    extensions: Extension[],
    { from, until }: { readonly from: number; readonly until: number } = { from: now, until: now + VALID_MS },
  ): Promise<string> => {
    const certificate = await X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject,
      issuer: AUTHORITY_NAME,
      notBefore: new Date(from - BACKDATED_MS),
      notAfter: new Date(until),
      signingKey: own.privateKey,
      publicKey,
      signingAlgorithm: ALGORITHM,
      // Programs that keep to RFC 5280 strictly, as Python does from 3.13 on, want to see whose key is whose.
      extensions: [
        ...extensions,
        await SubjectKeyIdentifierExtension.create(publicKey),
        await AuthorityKeyIdentifierExtension.create(own.publicKey),
      ],
    });
    return `${certificate.toString("pem")}\n`;
  };
  const issue = async (subject: JsonName, purpose: ExtendedKeyUsage, more: Extension[]): Promise<KeyPair> => {
    const keys = await newKeys();
    const certPem = await sign(subject, keys.publicKey, [...usagesFor(purpose), ...more]);
    return { certPem, keyPem: await privatePem(keys.privateKey) };
  };
  const caPem =
    saved?.certPem ??
    (await sign(AUTHORITY_NAME, own.publicKey, [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature, true),
    ]));
  return {
    caPem,
    own: saved ?? { certPem: caPem, keyPem: await privatePem(own.privateKey) },
    issueServer: (names) => issue([{ CN: ["kube-apiserver"] }], ExtendedKeyUsage.serverAuth, [alternativeNames(names)]),
    certify: ({ subject, publicKey, purpose, names, from, until }) => {
      const usages = usagesFor(purpose === "client" ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth);
      return sign(subject, publicKey, [...usages, ...(names.length === 0 ? [] : [alternativeNames(names)])], { from, until });
    },
    issueClient: (user, groups) => issue([...groups.map((group) => ({ O: [group] })), { CN: [user] }], ExtendedKeyUsage.clientAuth, []),
  };
}

function usagesFor(purpose: ExtendedKeyUsage): Extension[] {
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([purpose]),
  ];
}

function alternativeNames(names: readonly string[]): SubjectAlternativeNameExtension {
  return new SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })));
}

/** Positive and never the same twice (RFC 5280 section 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

async function keysOf({ certPem, keyPem }: KeyPair): Promise<webcrypto.CryptoKeyPair> {
  const privateKey = await webcrypto.subtle.importKey("pkcs8", PemConverter.decodeFirst(keyPem), ALGORITHM, true, ["sign"]);
  const publicKey = (await new X509Certificate(certPem).publicKey.export(ALGORITHM, ["verify"])) as webcrypto.CryptoKey;
  return { privateKey, publicKey };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}
