import type { Decide, State } from "../cloud/state.ts";
import { atLimit, refusal, unknown } from "../errors.ts";
import type { LaunchTemplateId } from "../ids.ts";
import { ok, refuse, type Ec2Error, type Ec2Result } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import { asTemplate, findTemplate, versionNumber, versionOf } from "./find-template.ts";
import type {
  CreateLaunchTemplateInput,
  CreateLaunchTemplateVersionInput,
  DescribeLaunchTemplatesInput,
  LaunchTemplate,
  LaunchTemplateRecord,
  LaunchTemplateVersion,
  TemplateRef,
} from "./launch-template.ts";

const NAME = /^[A-Za-z0-9().\-/_]{3,128}$/;
const DESCRIPTION_LENGTH_MAX = 255;
/** AWS: "Launch template restrictions". */
const TEMPLATES_MAX = 5_000;
const VERSIONS_MAX = 10_000;

export const createLaunchTemplate: Decide<CreateLaunchTemplateInput, LaunchTemplate> = (state, input, { now }) => {
  const repeated = state.replies.find<LaunchTemplate>("createLaunchTemplate", input, now);
  if (repeated !== undefined) return repeated;
  const fault = nameFault(state, input.name) ?? descriptionFault(input.description) ?? dataFault(input.data) ?? tagFault(input.tags ?? {});
  if (fault !== undefined) return refuse(fault);
  if (state.launchTemplates.size >= TEMPLATES_MAX) return refuse(atLimit.launchTemplates());
  return ok(() => {
    const id = state.mint.id<LaunchTemplateId>("lt");
    const createdBy = `arn:aws:iam::${state.accountId}:root`;
    const { name, data, description, tags = {} } = input;
    const first = { version: 1, createdAt: now, createdBy, data, ...(description === undefined ? {} : { description }) };
    const record: LaunchTemplateRecord = {
      id,
      name,
      createdAt: now,
      createdBy,
      defaultVersion: 1,
      latestVersion: 1,
      lastNumber: 1,
      tags,
      versions: [first],
    };
    state.launchTemplates.put(record);
    state.replies.keep("createLaunchTemplate", input, now, () => asTemplate(state.launchTemplates.get(id) ?? record));
    return asTemplate(record);
  });
};

export const createLaunchTemplateVersion: Decide<CreateLaunchTemplateVersionInput, LaunchTemplateVersion> = (state, input, { now }) => {
  const repeated = state.replies.find<LaunchTemplateVersion>("createLaunchTemplateVersion", input, now);
  if (repeated !== undefined) return repeated;
  const found = findTemplate(state, input);
  if (!found.ok) return found;
  const record = found.value;
  const source = sourceData(record, input.sourceVersion);
  if (!source.ok) return source;
  // Parameter by parameter: one that is given takes the place of the source's, whole.
  const data = { ...source.value, ...input.data };
  const fault = descriptionFault(input.description) ?? dataFault(data);
  if (fault !== undefined) return refuse(fault);
  if (record.versions.length >= VERSIONS_MAX) return refuse(atLimit.launchTemplateVersions());
  return ok(() => {
    const { description } = input;
    const version = record.lastNumber + 1;
    const made = { version, createdAt: now, createdBy: record.createdBy, data, ...(description === undefined ? {} : { description }) };
    const after = state.launchTemplates.put({
      ...record,
      latestVersion: version,
      lastNumber: version,
      versions: [...record.versions, made],
    });
    const answer = versionOf(after, version);
    state.replies.keep("createLaunchTemplateVersion", input, now, () => answer);
    return answer;
  });
};

function sourceData(record: LaunchTemplateRecord, version: string | undefined): Ec2Result<Readonly<Record<string, unknown>>> {
  if (version === undefined) return ok({});
  const number = versionNumber(record, version);
  return number.ok ? ok(versionOf(record, number.value).data) : number;
}

export const describeLaunchTemplates: Decide<DescribeLaunchTemplatesInput, readonly LaunchTemplate[]> = (state, { ids, names }) => {
  if (ids === undefined && names === undefined) return ok(() => Array.from(state.launchTemplates.values(), asTemplate));
  const found: LaunchTemplateRecord[] = [];
  for (const id of new Set(ids)) {
    const record = state.launchTemplates.get(id);
    if (record === undefined) return refuse(unknown.launchTemplate(id));
    found.push(record);
  }
  for (const name of new Set(names)) {
    const [record] = state.launchTemplates.where((template) => template.name === name);
    if (record === undefined) return refuse(unknown.launchTemplateName());
    if (!found.includes(record)) found.push(record);
  }
  return ok(() => found.map(asTemplate));
};

export const modifyLaunchTemplate: Decide<TemplateRef & { readonly defaultVersion: string }, LaunchTemplate> = (state, input) => {
  const found = findTemplate(state, input);
  if (!found.ok) return found;
  const number = versionNumber(found.value, input.defaultVersion);
  if (!number.ok) return number;
  return ok(() => asTemplate(state.launchTemplates.put({ ...found.value, defaultVersion: number.value })));
};

/** With all its versions. Instances launched from it stay as they are. */
export const deleteLaunchTemplate: Decide<TemplateRef, LaunchTemplate> = (state, input) => {
  const found = findTemplate(state, input);
  if (!found.ok) return found;
  return ok(() => {
    state.launchTemplates.delete(found.value.id);
    return asTemplate(found.value);
  });
};

function nameFault(state: State, name: string): Ec2Error | undefined {
  if (!NAME.test(name)) {
    return refusal(
      "InvalidLaunchTemplateName.MalformedException",
      "A launch template name must be between 3 and 128 characters, and may only contain letters, numbers, and the following characters: ( ) . - / _",
    );
  }
  const isTaken = state.launchTemplates.where((template) => template.name === name).length > 0;
  return isTaken ? refusal("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.") : undefined;
}

function descriptionFault(description: string | undefined): Ec2Error | undefined {
  if (description === undefined || description.length <= DESCRIPTION_LENGTH_MAX) return undefined;
  return refusal("InvalidParameterValue", `A version description may have ${DESCRIPTION_LENGTH_MAX} characters at most.`);
}

function dataFault(data: Readonly<Record<string, unknown>>): Ec2Error | undefined {
  return Object.keys(data).length > 0
    ? undefined
    : refusal("MissingParameter", "The request must contain the parameter LaunchTemplateData");
}
