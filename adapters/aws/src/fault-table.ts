import { awsFaultCode, Fault } from "@slash28/ports";

/** An AWS refusal: what was called, on what, and what came back. */
export interface AwsError {
  readonly api: string;
  readonly code: string;
  readonly message: string;
  /** What the call was about, for the text of the fault. */
  readonly about: { readonly eni?: string; readonly subnet?: string; readonly instance?: string; readonly prefixes?: boolean };
}

/** Turns a refusal into its fault. */
export function awsFault(error: AwsError): Fault {
  const { api, code: awsCode, message, about } = error;
  const code = awsFaultCode({ api, code: awsCode, message, isForPrefixes: about.prefixes === true });
  const { eni, subnet, instance } = about;
  return new Fault(code, {
    api,
    code: awsCode,
    detail: message,
    ...(eni === undefined ? {} : { eni }),
    ...(subnet === undefined ? {} : { subnet }),
    ...(instance === undefined ? {} : { instance }),
  });
}
