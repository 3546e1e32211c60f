import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { formatIpv4 } from "@slash28/address";
import type { Clock } from "@slash28/ports";
import { INTERNET } from "../fabric/index.ts";
import { createAuthority, type KeyPair } from "../kubernetes/api-server/index.ts";
import type { StateStore } from "../state/index.ts";

export interface AwsCertificatesOptions {
  readonly region: string;
  readonly state: StateStore;
  readonly clock: Pick<Clock, "now">;
  /** The file to make: what this machine trusts, and the lab's authority. */
  readonly trustFile: string;
}

/** Where Debian's programs look for whom to trust. */
export const TRUST_PATH = "/etc/ssl/certs/ca-certificates.crt";
/** The AWS CLI and boto have a list of their own, and so has Node. */
export const TRUST_ENV = { AWS_CA_BUNDLE: TRUST_PATH, NODE_EXTRA_CA_CERTS: TRUST_PATH } as const;

/**
 * A certificate for AWS's names, so that SDKs inside the lab speak TLS to the lab's endpoint as they do to AWS. Its authority is trusted by pods of the
 * lab alone, through a file that is put in the place of their machine's; its key never leaves this process and the lab's state.
 */
export async function awsCertificates({ region, state, clock, trustFile }: AwsCertificatesOptions): Promise<KeyPair> {
  const kept = state.document<KeyPair>("aws-authority");
  const authority = await createAuthority(clock.now(), kept.saved);
  if (kept.saved === undefined) kept.keep(authority.own);
  const trusted = existsSync(TRUST_PATH) ? readFileSync(TRUST_PATH, "utf8") : "";
  writeFileSync(trustFile, `${trusted.trimEnd()}\n${authority.caPem}`);
  const zones = ["amazonaws.com", `${region}.amazonaws.com`, "api.aws", `${region}.api.aws`];
  return authority.issueServer([...zones.map((zone) => `*.${zone}`), `*.eks.${region}.amazonaws.com`, formatIpv4(INTERNET.aws)]);
}
