import type {
  CreateLaunchTemplateRequest,
  CreateLaunchTemplateResult,
  CreateLaunchTemplateVersionRequest,
  CreateLaunchTemplateVersionResult,
  DeleteLaunchTemplateRequest,
  DeleteLaunchTemplateResult,
  DeleteLaunchTemplateVersionsRequest,
  DeleteLaunchTemplateVersionsResult,
  LaunchTemplateErrorCode,
  ModifyLaunchTemplateRequest,
  ModifyLaunchTemplateResult,
} from "@aws-sdk/client-ec2";
import { answer, mutation, need } from "../../action.ts";
import { tagsFor } from "../../query/tag-specifications.ts";
import { templateData, templateRef, wireTemplate, wireVersion } from "./wire-template.ts";

export const createLaunchTemplate = mutation<CreateLaunchTemplateRequest, CreateLaunchTemplateResult>(
  "CreateLaunchTemplate",
  (input, { cloud, call }) => {
    const created = cloud.createLaunchTemplate(
      {
        name: need(input.LaunchTemplateName, "LaunchTemplateName"),
        data: templateData(input.LaunchTemplateData),
        tags: tagsFor("launch-template", input.TagSpecifications),
        ...(input.VersionDescription === undefined ? {} : { description: input.VersionDescription }),
        ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
      },
      call,
    );
    return { LaunchTemplate: wireTemplate(answer(created)) };
  },
);

export const createLaunchTemplateVersion = mutation<CreateLaunchTemplateVersionRequest, CreateLaunchTemplateVersionResult>(
  "CreateLaunchTemplateVersion",
  (input, { cloud, call }) => {
    const created = cloud.createLaunchTemplateVersion(
      {
        ...templateRef(input),
        data: templateData(input.LaunchTemplateData),
        ...(input.SourceVersion === undefined ? {} : { sourceVersion: input.SourceVersion }),
        ...(input.VersionDescription === undefined ? {} : { description: input.VersionDescription }),
        ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
      },
      call,
    );
    return { LaunchTemplateVersion: wireVersion(answer(created)) };
  },
);

export const modifyLaunchTemplate = mutation<ModifyLaunchTemplateRequest, ModifyLaunchTemplateResult>(
  "ModifyLaunchTemplate",
  (input, { cloud, call }) => {
    const defaultVersion = need(input.DefaultVersion, "SetDefaultVersion");
    return { LaunchTemplate: wireTemplate(answer(cloud.modifyLaunchTemplate({ ...templateRef(input), defaultVersion }, call))) };
  },
);

export const deleteLaunchTemplate = mutation<DeleteLaunchTemplateRequest, DeleteLaunchTemplateResult>(
  "DeleteLaunchTemplate",
  (input, { cloud, call }) => ({ LaunchTemplate: wireTemplate(answer(cloud.deleteLaunchTemplate(templateRef(input), call))) }),
);

export const deleteLaunchTemplateVersions = mutation<DeleteLaunchTemplateVersionsRequest, DeleteLaunchTemplateVersionsResult>(
  "DeleteLaunchTemplateVersions",
  (input, { cloud, call }) => {
    const { template, deleted, kept } = answer(
      cloud.deleteLaunchTemplateVersions({ ...templateRef(input), versions: need(input.Versions, "LaunchTemplateVersion") }, call),
    );
    const named = { LaunchTemplateId: template.id, LaunchTemplateName: template.name };
    return {
      SuccessfullyDeletedLaunchTemplateVersions: deleted.map((number) => ({ ...named, VersionNumber: number })),
      UnsuccessfullyDeletedLaunchTemplateVersions: kept.map(({ version, code, message }) => ({
        ...named,
        ...(/^\d+$/.test(version) ? { VersionNumber: Number(version) } : {}),
        ResponseError: { Code: code as LaunchTemplateErrorCode, Message: message },
      })),
    };
  },
);
