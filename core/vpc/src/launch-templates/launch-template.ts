import type { LaunchTemplateId } from "../ids.ts";
import type { Millis } from "../result.ts";
import type { Tags } from "../tags/tag.ts";

/** Launch parameters under EC2's own member names (`RequestLaunchTemplateData`), as JSON: kept and handed back as they came. */
export type LaunchTemplateData = Readonly<Record<string, unknown>>;

export interface LaunchTemplate {
  readonly id: LaunchTemplateId;
  readonly name: string;
  readonly createdAt: Millis;
  readonly createdBy: string;
  readonly defaultVersion: number;
  readonly latestVersion: number;
  readonly tags: Tags;
}

export interface LaunchTemplateVersion {
  readonly templateId: LaunchTemplateId;
  readonly templateName: string;
  readonly version: number;
  readonly description?: string;
  readonly createdAt: Millis;
  readonly createdBy: string;
  readonly isDefault: boolean;
  readonly data: LaunchTemplateData;
}

/** A template by its id or by its name, never both. */
export interface TemplateRef {
  readonly id?: LaunchTemplateId;
  readonly name?: string;
}

export interface CreateLaunchTemplateInput {
  readonly name: string;
  readonly data: LaunchTemplateData;
  readonly description?: string;
  readonly tags?: Tags;
  readonly clientToken?: string;
}

export interface CreateLaunchTemplateVersionInput extends TemplateRef {
  /** A version (a number, `$Latest`, `$Default`) whose parameters hold where `data` names none. */
  readonly sourceVersion?: string;
  readonly data: LaunchTemplateData;
  readonly description?: string;
  readonly clientToken?: string;
}

export interface DescribeLaunchTemplatesInput {
  readonly ids?: readonly LaunchTemplateId[];
  readonly names?: readonly string[];
}

export interface DescribeVersionsInput extends TemplateRef {
  /** Numbers, `$Latest`, `$Default`. Without a template, these two alone, of every template. */
  readonly versions?: readonly string[];
  /** Both ends included. */
  readonly minVersion?: string;
  readonly maxVersion?: string;
}

export interface DeleteVersionsInput extends TemplateRef {
  readonly versions: readonly string[];
}

/** Deleting versions answers version by version. */
export interface DeletedVersions {
  readonly template: LaunchTemplate;
  readonly deleted: readonly number[];
  readonly kept: readonly { readonly version: string; readonly code: string; readonly message: string }[];
}

/** A template as it is kept, with its versions. Numbers are never used again. */
export interface LaunchTemplateRecord extends LaunchTemplate {
  /** The highest number ever given. */
  readonly lastNumber: number;
  readonly versions: readonly Omit<LaunchTemplateVersion, "templateId" | "templateName" | "isDefault">[];
}
