import type { State } from "../cloud/state.ts";
import { invalidCombination, invalidValue, missing, unknown } from "../errors.ts";
import { ok, refuse, type Ec2Result } from "../result.ts";
import type { LaunchTemplate, LaunchTemplateRecord, LaunchTemplateVersion, TemplateRef } from "./launch-template.ts";

/** The template a call names, by id or by name. */
export function findTemplate(state: State, { id, name }: TemplateRef): Ec2Result<LaunchTemplateRecord> {
  if (id !== undefined && name !== undefined) {
    return refuse(invalidCombination("The parameters LaunchTemplateId and LaunchTemplateName may not be given together."));
  }
  if (id !== undefined) {
    const record = state.launchTemplates.get(id);
    return record === undefined ? refuse(unknown.launchTemplate(id)) : ok(record);
  }
  if (name === undefined) return refuse(missing("LaunchTemplateId or LaunchTemplateName"));
  const [record] = state.launchTemplates.where((template) => template.name === name);
  return record === undefined ? refuse(unknown.launchTemplateName()) : ok(record);
}

/** The number a version goes by: itself, or what `$Latest` and `$Default` stand for; refused when the template has no such version. */
export function versionNumber(record: LaunchTemplateRecord, version: string): Ec2Result<number> {
  if (version === "$Latest") return ok(record.latestVersion);
  if (version === "$Default") return ok(record.defaultVersion);
  if (!/^[1-9]\d{0,15}$/.test(version)) {
    return refuse(
      invalidValue(`Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed, not '${version}'.`),
    );
  }
  const number = Number(version);
  const isThere = record.versions.some((candidate) => candidate.version === number);
  return isThere ? ok(number) : refuse(unknown.launchTemplateVersion(record.id, version));
}

export function versionOf(record: LaunchTemplateRecord, number: number): LaunchTemplateVersion {
  const version = record.versions.find((candidate) => candidate.version === number);
  if (version === undefined) throw new Error(`${record.id} has no version ${number}`);
  return { ...version, templateId: record.id, templateName: record.name, isDefault: number === record.defaultVersion };
}

export function asTemplate({ versions: _versions, lastNumber: _last, ...template }: LaunchTemplateRecord): LaunchTemplate {
  return template;
}
