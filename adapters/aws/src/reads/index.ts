export { createAwsReader, type AwsAnswer, type AwsReader, type AwsReaderOptions } from "./aws-reader.ts";
export type { AwsJson } from "./read-answer.ts";
export type { AwsRead } from "./read-request.ts";
export type { AwsReadService } from "./schema.ts";
