import type { AwsError } from "../aws-error.ts";
import { encodeOutput, escapeXml } from "./encode.ts";
import type { ServiceSchema } from "./schema.ts";

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The document that answers an action: EC2 puts the members under the root, AWS Query wraps them in a `Result` element. */
export function successXml(schema: ServiceSchema, action: string, output: object, requestId: string): string {
  const shape = schema.operations[action]?.output;
  const xmlns = `xmlns="${schema.xmlNamespace}"`;
  if (schema.protocol === "ec2") {
    const members = shape === undefined ? "<return>true</return>" : encodeOutput(schema, shape, output);
    return `${DECLARATION}<${action}Response ${xmlns}><requestId>${requestId}</requestId>${members}</${action}Response>`;
  }
  const result = shape === undefined ? "" : `<${action}Result>${encodeOutput(schema, shape, output)}</${action}Result>`;
  return `${DECLARATION}<${action}Response ${xmlns}>${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
}

/** The document that reports an error. A form that names no known service is answered in EC2's form, as AWS clients expect least of it. */
export function errorXml(schema: ServiceSchema, error: AwsError, requestId: string): string {
  const what = `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>`;
  if (schema.protocol === "ec2") {
    return `${DECLARATION}<Response><Errors><Error>${what}</Error></Errors><RequestID>${requestId}</RequestID></Response>`;
  }
  const blame = error.status >= 500 ? "Receiver" : "Sender";
  return `${DECLARATION}<ErrorResponse xmlns="${schema.xmlNamespace}"><Error><Type>${blame}</Type>${what}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}
