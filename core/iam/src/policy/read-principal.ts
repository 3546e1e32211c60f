import { ok, type Result } from "../result.ts";
import type { PrincipalElement, PrincipalKind } from "./document.ts";
import { isRecord, malformed, textList } from "./read-json.ts";

const KINDS: readonly PrincipalKind[] = ["AWS", "Service", "Federated", "CanonicalUser"];

/** Federated identity providers that need no IAM provider of their own (IAM user guide, "AWS JSON policy elements: Principal"). */
const WELL_KNOWN_PROVIDERS = new Set(["cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"]);

/** Reads `Principal` or `NotPrincipal`. An account id is written out as the ARN of its root. */
export function readPrincipal(json: unknown): Result<PrincipalElement> {
  if (json === "*") return ok({ AWS: ["*"] });
  if (!isRecord(json)) return malformed("Invalid principal in policy.");
  const out: Partial<Record<PrincipalKind, readonly string[]>> = {};
  for (const [key, value] of Object.entries(json)) {
    const kind = KINDS.find((candidate) => candidate === key);
    const names = textList(value);
    if (kind === undefined || names === undefined || names.length === 0) return invalid(key, value);
    const wrong = names.find((name) => !isName(kind, name));
    if (wrong !== undefined) {
      return kind === "Federated"
        ? malformed("Federated principals must be valid domain names or SAML metadata ARNs")
        : invalid(kind, wrong);
    }
    out[kind] = kind === "AWS" ? names.map(rootOfAccount) : names;
  }
  return Object.keys(out).length === 0 ? malformed("Missing required field Principal cannot be empty!") : ok(out);
}

function isName(kind: PrincipalKind, name: string): boolean {
  switch (kind) {
    case "AWS":
      return name === "*" || /^\d{12}$/.test(name) || /^A(?:IDA|ROA)[A-Z0-9]{12,}$/.test(name) || isAwsArn(name);
    case "Service":
      return /^[a-z0-9][a-z0-9.-]*\.(?:amazonaws\.com(?:\.cn)?|aws\.internal|api\.aws)$/.test(name);
    case "Federated":
      return /^arn:aws[a-z-]*:iam::\d{12}:(?:oidc-provider|saml-provider)\/.+$/.test(name) || WELL_KNOWN_PROVIDERS.has(name);
    case "CanonicalUser":
      return /^[0-9a-f]{64}$/.test(name);
    default:
      return kind satisfies never;
  }
}

/** Wildcards are not taken in a principal's ARN; `*` alone is. */
function isAwsArn(name: string): boolean {
  return (
    /^arn:aws[a-z-]*:iam::\d{12}:(?:root|(?:user|role)\/[^*?]+)$/.test(name) ||
    /^arn:aws[a-z-]*:sts::\d{12}:(?:assumed-role|federated-user)\/[^*?]+$/.test(name)
  );
}

function rootOfAccount(name: string): string {
  return /^\d{12}$/.test(name) ? `arn:aws:iam::${name}:root` : name;
}

function invalid(kind: string, value: unknown): ReturnType<typeof malformed> {
  return malformed(`Invalid principal in policy: ${JSON.stringify(kind)}:${JSON.stringify(value)}`);
}
