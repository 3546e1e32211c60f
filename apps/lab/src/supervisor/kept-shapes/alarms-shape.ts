import { z } from "zod";
import type { Alarm } from "../../aws/cloudwatch/alarms.ts";

const text = z.string();
const list = z.array(text);
const number = z.number();

/** CloudWatch's alarms. */
export const alarmsShape = z.array(
  z.looseObject({
    name: text,
    arn: text,
    description: text.exactOptional(),
    metric: z.looseObject({ namespace: text, name: text, dimensions: z.array(z.tuple([text, text])) }),
    statistic: z.enum(["SampleCount", "Sum", "Average", "Minimum", "Maximum"]),
    unit: text.exactOptional(),
    periodSeconds: number,
    evaluationPeriods: number,
    datapointsToAlarm: number.exactOptional(),
    threshold: number,
    comparison: z.enum(["GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"]),
    missingData: z.enum(["missing", "breaching", "notBreaching", "ignore"]),
    actionsEnabled: z.boolean(),
    actions: z.looseObject({ alarm: list, ok: list, insufficientData: list }),
    tags: z.record(text, text),
    updatedAt: number,
    state: z.enum(["OK", "ALARM", "INSUFFICIENT_DATA"]),
    stateReason: text,
    stateAt: number,
  }),
) satisfies z.ZodType<readonly Alarm[]>;
