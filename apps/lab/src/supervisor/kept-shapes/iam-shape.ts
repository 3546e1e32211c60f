import type { Account, SessionGrant } from "@slash28/iam";
import { z } from "zod";
import type { IssuedSession } from "../../aws/identity/session-book.ts";
import { texts } from "./eks-shape.ts";

const text = z.string();
const list = z.array(text);
const millis = z.number();

const entity = { name: text, id: text, path: text, arn: text, createdAt: millis, tags: texts };
const holder = { attached: list, inline: z.array(z.looseObject({ name: text, document: text })), boundary: text.exactOptional() };
const accessKey = z.looseObject({ id: text, secret: text, status: z.enum(["Active", "Inactive"]), createdAt: millis });

/** Everything IAM knows of the account. */
export const accountShape = z.looseObject({
  accountId: text,
  roles: z.array(
    z.looseObject({ ...entity, ...holder, trustPolicy: text, description: text.exactOptional(), sessionSecondsMax: z.number() }),
  ),
  users: z.array(z.looseObject({ ...entity, ...holder, accessKeys: z.array(accessKey) })),
  instanceProfiles: z.array(z.looseObject({ ...entity, roles: list })),
  policies: z.array(
    z.looseObject({
      ...entity,
      description: text.exactOptional(),
      updatedAt: millis,
      defaultVersion: text,
      versions: z.array(z.looseObject({ id: text, document: text, createdAt: millis })),
      versionsMade: z.number(),
    }),
  ),
  oidcProviders: z.array(z.looseObject({ arn: text, url: text, clientIds: list, thumbprints: list, createdAt: millis, tags: texts })),
}) satisfies z.ZodType<Account>;

const grant = z.looseObject({
  roleName: text,
  roleId: text,
  roleArn: text,
  sessionName: text,
  issuedAt: millis,
  expiresAt: millis,
  tags: texts,
  transitiveKeys: list,
  policies: list,
  policyArns: list,
  sourceIdentity: text.exactOptional(),
  federated: z.looseObject({ provider: text, subject: text, audience: text }).exactOptional(),
}) satisfies z.ZodType<SessionGrant>;

/** Temporary credentials that were given out. */
export const sessionsShape = z.array(
  z.looseObject({
    accessKeyId: text,
    secretAccessKey: text,
    sessionToken: text,
    expiresAt: millis,
    subject: z.discriminatedUnion("kind", [
      z.looseObject({ kind: z.literal("role"), grant }),
      z.looseObject({ kind: z.literal("user"), userName: text, issuedAt: millis, expiresAt: millis }),
    ]),
  }),
) satisfies z.ZodType<readonly IssuedSession[]>;
