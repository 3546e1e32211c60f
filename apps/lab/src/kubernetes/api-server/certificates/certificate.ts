import { createHash, createPublicKey, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIP } from "node:net";

import { bits, boolean, bytes, integer, oid, sequence, set, tagged, taggedPlain, text, time } from "./der.ts";

/** A distinguished name as attribute and value, in order. */
export type DistinguishedName = readonly (readonly [attribute: "CN" | "O", value: string])[];

export interface CertificateRequest {
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly publicKey: KeyObject;
  /** The issuer's EC key, P-256. */
  readonly signingKey: KeyObject;
  readonly usage: "authority" | "server" | "client";
  /** DNS names and IP addresses it speaks for. */
  readonly names: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

const OID = {
  CN: "2.5.4.3",
  O: "2.5.4.10",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

/** KeyUsage bits (RFC 5280 §4.2.1.3): digitalSignature is the first, keyCertSign and cRLSign the sixth and seventh. */
const DIGITAL_SIGNATURE = bits(Uint8Array.of(0b1000_0000), 7);
const SIGNS_CERTIFICATES = bits(Uint8Array.of(0b1000_0110), 1);

const V3 = Uint8Array.of(2);
const SIGNATURE = sequence(oid(OID.ecdsaWithSha256));

/** An X.509 v3 certificate (RFC 5280), signed with ECDSA and SHA-256, PEM. */
export function certificatePem(request: CertificateRequest): string {
  const signed = sequence(
    tagged(0, integer(V3)),
    integer(serialNumber()),
    SIGNATURE,
    nameOf(request.issuer),
    sequence(time(request.notBefore), time(request.notAfter)),
    nameOf(request.subject),
    spki(request.publicKey),
    tagged(3, sequence(...extensionsOf(request))),
  );
  const certificate = sequence(signed, SIGNATURE, bits(sign("sha256", signed, request.signingKey)));
  return pem("CERTIFICATE", certificate);
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** Sixteen bytes, positive and never starting with zero. */
function serialNumber(): Buffer {
  return Buffer.concat([Uint8Array.of(1), randomBytes(15)]);
}

function nameOf(name: DistinguishedName): Buffer {
  return sequence(...name.map(([attribute, value]) => set(sequence(oid(OID[attribute]), text(value)))));
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

/** SHA-1 of the public key (RFC 5280 §4.2.1.2, method 1): a name for it, not a protection. */
function keyIdentifier(key: KeyObject): Buffer {
  const uncompressedPointBytes = 65;
  return createHash("sha1").update(spki(key).subarray(-uncompressedPointBytes)).digest();
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [boolean(true)] : []), bytes(value));
}

function extensionsOf(request: CertificateRequest): readonly Buffer[] {
  const issuerKey = keyIdentifier(createPublicKey(request.signingKey));
  const isAuthority = request.usage === "authority";
  const purpose = request.usage === "server" ? OID.serverAuth : OID.clientAuth;
  return [
    extension(OID.basicConstraints, isAuthority ? sequence(boolean(true)) : sequence(), true),
    extension(OID.keyUsage, isAuthority ? SIGNS_CERTIFICATES : DIGITAL_SIGNATURE, true),
    ...(isAuthority ? [] : [extension(OID.extendedKeyUsage, sequence(oid(purpose)))]),
    extension(OID.subjectKeyIdentifier, bytes(keyIdentifier(request.publicKey))),
    extension(OID.authorityKeyIdentifier, sequence(taggedPlain(0, issuerKey))),
    ...(request.names.length === 0 ? [] : [extension(OID.subjectAltName, sequence(...request.names.map(alternativeName)))]),
  ];
}

const DNS_NAME = 2;
const IP_ADDRESS = 7;

function alternativeName(name: string): Buffer {
  switch (isIP(name)) {
    case 4:
      return taggedPlain(IP_ADDRESS, Uint8Array.from(name.split(".").map(Number)));
    case 6:
      return taggedPlain(IP_ADDRESS, ipv6Bytes(name));
    default:
      return taggedPlain(DNS_NAME, Buffer.from(name, "ascii"));
  }
}

function ipv6Bytes(address: string): Uint8Array {
  const [head = "", tail] = address.split("::");
  const groups = (part: string | undefined): readonly number[] =>
    part === undefined || part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(head), groups(tail)];
  const all = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 255]));
}
