// The certificate library builds on decorators' metadata, which must be there first.
import "reflect-metadata";
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension, type JsonName } from "@peculiar/x509";

/** What a PKCS#10 request asks to be certified. */
export interface SigningRequest {
  readonly subject: JsonName;
  readonly user: string;
  readonly groups: readonly string[];
  /** DNS names and addresses. */
  readonly names: readonly string[];
  readonly hasOtherNames: boolean;
  readonly request: Pkcs10CertificateRequest;
}

const PEM = /^\s*-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----[A-Za-z0-9+/=\s]+-----END (?:NEW )?CERTIFICATE REQUEST-----\s*$/;

/** Reads base64 of a PEM block; `undefined` for anything that is not one. Its signature is looked at when it is signed. */
export function readSigningRequest(base64: string): SigningRequest | undefined {
  const pem = Buffer.from(base64, "base64").toString();
  if (!PEM.test(pem)) return undefined;
  try {
    const request = new Pkcs10CertificateRequest(pem.replaceAll("NEW CERTIFICATE", "CERTIFICATE"));
    const subject = request.subjectName.toJSON();
    const all = (name: string): readonly string[] => subject.flatMap((part) => part[name] ?? []);
    const extension = request.extensions.find((one) => one instanceof SubjectAlternativeNameExtension);
    const alternatives = extension?.names.toJSON() ?? [];
    return {
      subject,
      user: all("CN")[0] ?? "",
      groups: all("O"),
      names: alternatives.filter(({ type }) => type === "dns" || type === "ip").map(({ value }) => value),
      hasOtherNames: alternatives.some(({ type }) => type !== "dns" && type !== "ip"),
      request,
    };
  } catch {
    return undefined;
  }
}
