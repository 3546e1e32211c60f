import { asId } from "@slash28/address";
import type { LaunchTemplate as WireTemplate, LaunchTemplateVersion as WireVersion, RequestLaunchTemplateData } from "@aws-sdk/client-ec2";
import type { LaunchTemplate, LaunchTemplateData, LaunchTemplateId, LaunchTemplateVersion, TemplateRef } from "@slash28/vpc";
import { need } from "../../action.ts";
import { checkUserData } from "../instances/user-data.ts";
import { tagSet } from "../../query/tag-specifications.ts";

export function wireTemplate(template: LaunchTemplate): WireTemplate {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    CreateTime: new Date(template.createdAt),
    CreatedBy: template.createdBy,
    DefaultVersionNumber: template.defaultVersion,
    LatestVersionNumber: template.latestVersion,
    Tags: tagSet(template.tags),
  };
}

export function wireVersion(version: LaunchTemplateVersion): WireVersion {
  return {
    LaunchTemplateId: version.templateId,
    LaunchTemplateName: version.templateName,
    VersionNumber: version.version,
    VersionDescription: version.description,
    CreateTime: new Date(version.createdAt),
    CreatedBy: version.createdBy,
    DefaultVersion: version.isDefault,
    LaunchTemplateData: version.data,
  };
}

/** The template a request names. */
export function templateRef(input: {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}): TemplateRef {
  return {
    ...(input.LaunchTemplateId === undefined ? {} : { id: asId<LaunchTemplateId>(input.LaunchTemplateId) }),
    ...(input.LaunchTemplateName === undefined ? {} : { name: input.LaunchTemplateName }),
  };
}

/** A request's launch parameters as JSON, which is how the model keeps them: times become texts. */
export function templateData(input: RequestLaunchTemplateData | undefined): LaunchTemplateData {
  const data = need(input, "LaunchTemplateData");
  checkUserData(data.UserData);
  return JSON.parse(JSON.stringify(data)) as LaunchTemplateData;
}
