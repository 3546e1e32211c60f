import { fieldsOf, type KubeObject } from "@slash28/kube-store";

import { userInfoOf } from "../authentication/user-info.ts";
import type { Identity } from "../face.ts";
import type { AdmissionAct } from "../operations/admission-stage.ts";

export const SIGNING_REQUESTS = "certificatesigningrequests.certificates.k8s.io";

/** A CertificateSigningRequest says who asked; whoever asks cannot say so themselves. Afterwards its spec stays as it is. */
export function stampedRequest({ object, before }: AdmissionAct, caller: Identity): KubeObject | undefined {
  if (object === undefined) return undefined;
  if (before !== undefined) return { ...object, spec: before["spec"] };
  const { uid: _uid, extra: _extra, ...spec } = fieldsOf(object["spec"]);
  return { ...object, spec: { ...spec, ...userInfoOf(caller) } };
}
