import { parseCidr4, parseCidr4Loose } from "@slash28/address";
import { z } from "zod";

export const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "must be lower-case letters, digits and '-', at most 63, not starting or ending with '-'");

export const tags = z.record(z.string(), z.string()).default({});

export const cidr = z.string().superRefine((text, context) => {
  if (parseCidr4(text) !== undefined) return;
  const loose = parseCidr4Loose(text);
  const hint = loose === undefined ? "write it as a.b.c.d/n" : "it has host bits set; the range starts lower";
  context.addIssue({ code: "custom", message: `${JSON.stringify(text)} is not an IPv4 CIDR range: ${hint}` });
});

/** The value of an environment variable; YAML reads `2` and `true` as other things than text. */
export const envValue = z
  .union([z.string(), z.number(), z.boolean()], { error: "must be text, a number or true or false" })
  .transform(String);
