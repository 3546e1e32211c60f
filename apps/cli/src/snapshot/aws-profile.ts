import { usageError } from "../output/index.ts";

/** What gives keys without a profile. */
const OTHER_SOURCES = [
  "AWS_ACCESS_KEY_ID",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/** Profiles are not read: whoever names one and gives no keys would act as somebody else, an instance's role perhaps. */
export function refuseProfile(env: Readonly<Record<string, string | undefined>>): void {
  const profile = env["AWS_PROFILE"] || env["AWS_DEFAULT_PROFILE"];
  if (!profile || OTHER_SOURCES.some((name) => env[name])) return;
  throw usageError(
    `AWS_PROFILE is ${profile}, and slash28 reads no profiles; give it the profile's keys first:\n  eval "$(aws configure export-credentials --profile ${profile} --format env)"`,
  );
}
