export { createEc2, type Ec2Options } from "./ec2.ts";
export { createMetadata, type MetadataOptions } from "./metadata.ts";
export { createImds, type Imds, type ImdsOptions } from "./imds.ts";
export { credentialSource, type AwsCredentials, type CredentialOptions, type CredentialSource } from "./credentials.ts";
export { awsFault, type AwsError } from "./fault-table.ts";
export type { ApiCall, Meter } from "./meter.ts";
export { createBudgetedCalls, type BudgetedCalls, type BudgetedCallsOptions } from "./budgeted-calls.ts";
