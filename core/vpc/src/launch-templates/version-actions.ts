import type { Decide } from "../cloud/state.ts";
import { invalidCombination, invalidValue, missing } from "../errors.ts";
import { ok, refuse, type Ec2Result } from "../result.ts";
import { asTemplate, findTemplate, versionNumber, versionOf } from "./find-template.ts";
import type {
  DeletedVersions,
  DeleteVersionsInput,
  DescribeVersionsInput,
  LaunchTemplateRecord,
  LaunchTemplateVersion,
} from "./launch-template.ts";

/** Versions newest first, as EC2 lists them. */
export const describeLaunchTemplateVersions: Decide<DescribeVersionsInput, readonly LaunchTemplateVersion[]> = (state, input) => {
  const { id, name, versions, minVersion, maxVersion } = input;
  if (id === undefined && name === undefined) return ofAllTemplates([...state.launchTemplates.values()], input);
  const found = findTemplate(state, input);
  if (!found.ok) return found;
  const record = found.value;
  if (versions !== undefined && (minVersion !== undefined || maxVersion !== undefined)) {
    return refuse(invalidCombination("The parameter Versions cannot be used with the parameters MinVersion and MaxVersion."));
  }
  if (versions === undefined) {
    const low = bound(minVersion, "MinVersion", 1);
    const high = bound(maxVersion, "MaxVersion", Number.POSITIVE_INFINITY);
    if (!low.ok) return low;
    if (!high.ok) return high;
    const numbers = record.versions.map(({ version }) => version).filter((number) => number >= low.value && number <= high.value);
    return ok(() => newestFirst(record, numbers));
  }
  const numbers: number[] = [];
  for (const version of versions) {
    const number = versionNumber(record, version);
    if (!number.ok) return number;
    numbers.push(number.value);
  }
  return ok(() => newestFirst(record, numbers));
};

function ofAllTemplates(
  records: readonly LaunchTemplateRecord[],
  { versions }: DescribeVersionsInput,
): Ec2Result<() => readonly LaunchTemplateVersion[]> {
  const wanted = versions ?? [];
  if (wanted.length === 0 || !wanted.every((version) => version === "$Latest" || version === "$Default")) {
    return refuse(missing("LaunchTemplateId or LaunchTemplateName (without them only the versions $Latest and $Default can be described)"));
  }
  return ok(() =>
    records.flatMap((record) => {
      const numbers = wanted.map((version) => (version === "$Latest" ? record.latestVersion : record.defaultVersion));
      return newestFirst(record, numbers);
    }),
  );
}

function newestFirst(record: LaunchTemplateRecord, numbers: readonly number[]): readonly LaunchTemplateVersion[] {
  return [...new Set(numbers)].sort((a, b) => b - a).map((number) => versionOf(record, number));
}

function bound(text: string | undefined, parameter: string, absent: number): Ec2Result<number> {
  if (text === undefined) return ok(absent);
  return /^\d{1,15}$/.test(text)
    ? ok(Number(text))
    : refuse(invalidValue(`Value (${text}) for parameter ${parameter} is invalid; it must be a number.`));
}

const VERSIONS_PER_DELETE_MAX = 200;

/** Each version is deleted or kept by itself; the default one is always kept. */
export const deleteLaunchTemplateVersions: Decide<DeleteVersionsInput, DeletedVersions> = (state, input) => {
  const found = findTemplate(state, input);
  if (!found.ok) return found;
  const record = found.value;
  if (input.versions.length === 0) return refuse(missing("LaunchTemplateVersion"));
  if (input.versions.length > VERSIONS_PER_DELETE_MAX) {
    return refuse(invalidValue(`At most ${VERSIONS_PER_DELETE_MAX} versions can be deleted in one request.`));
  }
  const deleted: number[] = [];
  const kept: DeletedVersions["kept"][number][] = [];
  for (const version of new Set(input.versions)) {
    const number = versionNumber(record, version);
    if (!number.ok) kept.push({ version, code: "launchTemplateVersionDoesNotExist", message: number.error.message });
    else if (number.value === record.defaultVersion) {
      kept.push({ version, code: "unexpectedError", message: "Cannot delete the default version of a launch template." });
    } else deleted.push(number.value);
  }
  return ok(() => {
    if (deleted.length > 0) {
      const versions = record.versions.filter(({ version }) => !deleted.includes(version));
      const latest = Math.max(...versions.map(({ version }) => version));
      state.launchTemplates.put({ ...record, versions, latestVersion: latest });
    }
    return { template: asTemplate(state.launchTemplates.get(record.id) ?? record), deleted, kept };
  });
};
