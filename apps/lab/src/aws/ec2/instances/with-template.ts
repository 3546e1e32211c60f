import type { LaunchTemplateSpecification, RunInstancesRequest, TagSpecification } from "@aws-sdk/client-ec2";
import type { Call, Cloud, LaunchTemplateId } from "@slash28/vpc";
import { asId } from "@slash28/address";
import { answer, need } from "../../action.ts";
import { present } from "../../present.ts";

/** A launch request with its template's parameters filled in, and which template that was. */
export interface TemplatedRequest {
  readonly request: RunInstancesRequest;
  readonly template?: { readonly id: LaunchTemplateId; readonly version: number };
}

/** Where the request and its template both say something, the request holds, parameter by parameter; tags are put together key by key. */
export function withTemplate(cloud: Cloud, request: RunInstancesRequest, call: Call): TemplatedRequest {
  if (request.LaunchTemplate === undefined) return { request };
  const { id, version, data } = versionNamed(cloud, request.LaunchTemplate, call);
  const { LaunchTemplate: _named, ...asked } = request;
  const merged = { ...asked, ...data, ...present(asked) };
  const tags = joinTags(data["TagSpecifications"] as readonly TagSpecification[] | undefined, request.TagSpecifications);
  return { request: { ...merged, TagSpecifications: tags }, template: { id, version } };
}

/** The version a launch names; the default one when it names none. */
export function versionNamed(cloud: Cloud, named: LaunchTemplateSpecification, call: Call) {
  const [found] = answer(
    cloud.describeLaunchTemplateVersions(
      {
        ...(named.LaunchTemplateId === undefined ? {} : { id: asId<LaunchTemplateId>(named.LaunchTemplateId) }),
        ...(named.LaunchTemplateName === undefined ? {} : { name: named.LaunchTemplateName }),
        versions: [named.Version ?? "$Default"],
      },
      // A dry run of the launch looks the template up all the same.
      { now: call.now },
    ),
  );
  const { templateId, version, data } = need(found, "LaunchTemplate");
  return { id: templateId, version, data };
}

/** EC2 launches with these; of other kinds of resource a template may tag, the lab has none. */
const LAUNCHED = new Set<string | undefined>(["instance", "network-interface"]);

function joinTags(template: readonly TagSpecification[] = [], request: readonly TagSpecification[] = []): TagSpecification[] {
  const byType = new Map<TagSpecification["ResourceType"], Map<string, string>>();
  for (const { ResourceType: type, Tags: tags = [] } of [
    ...template.filter(({ ResourceType }) => LAUNCHED.has(ResourceType)),
    ...request,
  ]) {
    const keys = byType.get(type) ?? new Map<string, string>();
    for (const { Key = "", Value = "" } of tags) keys.set(Key, Value);
    byType.set(type, keys);
  }
  return [...byType].map(([ResourceType, keys]) => ({ ResourceType, Tags: Array.from(keys, ([Key, Value]) => ({ Key, Value })) }));
}
