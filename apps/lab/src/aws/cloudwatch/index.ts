import type { AnyAction } from "../action.ts";
import { createJsonService, type JsonServiceOptions } from "../aws-json/index.ts";
import { formService, type AwsService, type FormService } from "../service.ts";
import { alarmActions } from "./alarm-actions.ts";
import type { CloudWatch } from "./cloudwatch.ts";
import { metricActions } from "./metric-actions.ts";
import { CLOUDWATCH_SCHEMA } from "./schema.ts";

export type { Alarm } from "./alarms.ts";
export { createCloudWatch, type CloudWatch } from "./cloudwatch.ts";
export { FREE_ADDRESSES, LAB_NAMESPACE, runLabMetrics } from "./lab-metrics.ts";

/** Every CloudWatch action the lab has. */
export function cloudWatchActions(cloudWatch: CloudWatch): readonly AnyAction[] {
  return [...metricActions(cloudWatch), ...alarmActions(cloudWatch)];
}

/** CloudWatch for clients of the old form protocol. */
export function cloudWatchFormService(cloudWatch: CloudWatch): FormService {
  return formService("cloudwatch", CLOUDWATCH_SCHEMA, cloudWatchActions(cloudWatch));
}

/** CloudWatch for clients of AWS JSON and of Smithy's RPC v2 CBOR. */
export function cloudWatchService(cloudWatch: CloudWatch, place: Pick<JsonServiceOptions, "cloud" | "clock" | "gate" | "log">): AwsService {
  return createJsonService({
    ...place,
    name: "cloudwatch",
    target: "GraniteServiceVersion20100801",
    version: "1.0",
    schema: CLOUDWATCH_SCHEMA,
    actions: cloudWatchActions(cloudWatch),
    errorShapes: ERROR_SHAPES,
    hasOtherForms: true,
  });
}

/** CloudWatch's errors are called otherwise in its newer protocols. */
const ERROR_SHAPES: Readonly<Record<string, string>> = {
  InvalidParameterCombination: "InvalidParameterCombinationException",
  InvalidParameterValue: "InvalidParameterValueException",
  LimitExceeded: "LimitExceededFault",
  MissingParameter: "MissingRequiredParameterException",
};
