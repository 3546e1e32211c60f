import { at, invalidValue, listOf, notSupported, numberOf, required, textOf, type FieldError, type KubeObject } from "@slash28/kube-store";

import { readSigningRequest } from "../certificates/read-signing-request.ts";

const USAGES = new Set(
  "signing,digital signature,content commitment,key encipherment,key agreement,data encipherment,cert sign,crl sign,encipher only,decipher only,any,server auth,client auth,code signing,email protection,s/mime,ipsec end system,ipsec tunnel,ipsec user,timestamping,ocsp signing,microsoft sgc,netscape sgc".split(
    ",",
  ),
);
const SIGNER = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/\S+$/;
const SHORTEST_SECONDS = 600;

/** What is wrong with a CertificateSigningRequest (pkg/apis/certificates/validation). */
export function checkSigningRequest(request: KubeObject, before: KubeObject | undefined): readonly FieldError[] {
  if (before !== undefined) return [];
  const spec = request["spec"];
  const signer = textOf(at(spec, "signerName")) ?? "";
  const usages = listOf(at(spec, "usages"));
  const seconds = numberOf(at(spec, "expirationSeconds"));
  const read = readSigningRequest(textOf(at(spec, "request")) ?? "");
  return [
    ...(read === undefined
      ? [invalidValue("spec.request", "…", "PEM block type must be CERTIFICATE REQUEST, holding a PKCS#10 request")]
      : []),
    ...(signer === "" ? [required("spec.signerName")] : []),
    ...(signer !== "" && !SIGNER.test(signer)
      ? [invalidValue("spec.signerName", signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
      : []),
    ...(usages.length === 0 ? [required("spec.usages", "usages must be specified")] : []),
    ...usages.flatMap((usage, index) => (USAGES.has(String(usage)) ? [] : [notSupported(`spec.usages[${index}]`, usage, [...USAGES])])),
    ...(seconds !== undefined && seconds < SHORTEST_SECONDS
      ? [invalidValue("spec.expirationSeconds", seconds, "may not specify a duration less than 600 seconds (10 minutes)")]
      : []),
    ...(signer === "kubernetes.io/kube-apiserver-client" && read?.groups.includes("system:masters") === true
      ? [invalidValue("spec.request", "…", "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed")]
      : []),
  ];
}
