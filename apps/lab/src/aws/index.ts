export { AwsError } from "./aws-error.ts";
export { launch as launchInstances } from "./ec2/instances/run-instances.ts";
export { createAwsEndpoint, type AwsEndpoint, type AwsEndpointOptions } from "./endpoint.ts";
export { createGate, type Attempt, type Gate, type GateRule, type Hindrance } from "./gate.ts";
export { formService, type AwsService, type FormService } from "./service.ts";
export { createMetadataService, type MetadataService, type MetadataServiceOptions } from "./metadata/metadata-service.ts";
export { serve, type ListenTarget, type Serving } from "./serve.ts";
export { metadataLagMs, type Ec2Profile } from "./throttle/profile.ts";
export type { ThrottleOrder } from "./throttle/throttle.ts";
