import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { AccessRequest, Decision } from "@slash28/iam";
import { AwsError } from "../aws-error.ts";
import type { Caller } from "./caller.ts";

/** Why policies refuse a request. */
export type Denial = Exclude<Decision, { readonly kind: "allowed" }>;

/** Why a request is nobody's: its key, its session, or its signature, which may be missing, wrong, or of another time. */
export type CredentialFault = "unknown" | "expired" | "unsigned" | "signature" | "stale";

const WRONG_SIGNATURE =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

/** Credentials that nobody is known by, in the words of the service asked. */
export function badCredentials(service: string, why: CredentialFault): AwsError {
  switch (why) {
    case "unknown":
      return service === "ec2"
        ? new AwsError("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
        : new AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
    case "expired":
      return service === "ec2"
        ? new AwsError("RequestExpired", "Request has expired.", 400)
        : new AwsError("ExpiredToken", "The security token included in the request is expired", 403);
    case "unsigned":
      return new AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
    case "signature":
      return new AwsError("SignatureDoesNotMatch", WRONG_SIGNATURE, 403);
    case "stale":
      return service === "ec2"
        ? new AwsError("RequestExpired", "Request has expired.", 400)
        : new AwsError("SignatureDoesNotMatch", "Signature expired: X-Amz-Date is more than 5 min. from the current time.", 403);
    default:
      return why satisfies never;
  }
}

/** EC2 says less in its code and adds the encoded message; every other service says it as IAM does. */
export function refusal(service: string, caller: Caller, request: AccessRequest, denial: Denial): AwsError {
  const text = `User: ${caller.arn} is not authorized to perform: ${request.action} on resource: ${request.resource} ${because(request.action, denial)}`;
  if (service !== "ec2") return new AwsError("AccessDenied", text, 403);
  const encoded = encodeAuthorizationMessage(caller, request, denial);
  const message = `You are not authorized to perform this operation. ${text}. Encoded authorization failure message: ${encoded}`;
  return new AwsError("UnauthorizedOperation", message, 403);
}

/** IAM user guide, "Troubleshoot access denied error messages". */
function because(action: string, denial: Denial): string {
  switch (denial.kind) {
    case "explicit-deny":
      return `with an explicit deny in ${ARTICLE[denial.by.layer]}`;
    case "implicit-deny":
      return `because no ${LAYER[denial.layer]} allows the ${action} action`;
    default:
      return denial satisfies never;
  }
}

const LAYER = { identity: "identity-based policy", boundary: "permissions boundary", session: "session policy" } as const;
const ARTICLE = { identity: "an identity-based policy", boundary: "a permissions boundary", session: "a session policy" } as const;

/** What `sts decode-authorization-message` gives back. */
function encodeAuthorizationMessage(caller: Caller, { action, resource, context }: AccessRequest, denial: Denial): string {
  const matched =
    denial.kind === "explicit-deny" ? [{ statementId: String(denial.by.statement), policy: denial.by.policy, effect: "DENY" }] : [];
  const message = {
    allowed: false,
    explicitDeny: denial.kind !== "implicit-deny",
    matchedStatements: { items: matched },
    failures: { items: [] },
    context: {
      principal: { id: caller.userId, arn: caller.arn },
      action,
      resource,
      conditions: {
        items: [...context].map(([key, values]) => ({ key, values: { items: values.map((value) => ({ value })) } })),
      },
    },
  };
  return deflateRawSync(JSON.stringify(message)).toString("base64url");
}

/** A decoded message is small; more is not one of ours. */
const DECODED_BYTES_MAX = 64 * 1024;

/** The JSON behind an encoded message; `undefined` when it is none the lab gave. */
export function decodeAuthorizationMessage(encoded: string): string | undefined {
  if (!/^[\w-]+$/.test(encoded)) return undefined;
  try {
    const text = inflateRawSync(Buffer.from(encoded, "base64url"), { maxOutputLength: DECODED_BYTES_MAX }).toString("utf8");
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null && "allowed" in json && "context" in json ? text : undefined;
  } catch {
    return undefined;
  }
}
