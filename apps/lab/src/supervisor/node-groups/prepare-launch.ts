import { asId } from "@slash28/address";
import { deriveLaunch, type LaunchSource, type Nodegroup } from "@slash28/node-groups";
import type { Cloud, LaunchTemplateId } from "@slash28/vpc";
import type { NodeRoles } from "./node-roles.ts";
import { cniSettings, type ClusterSite } from "./cluster-site.ts";

/** A group's launch source, or why there is none, as a health issue of EKS's. */
export type Prepared =
  | { readonly ok: true; readonly launch: LaunchSource }
  | { readonly ok: false; readonly issue: { readonly code: string; readonly message: string; readonly resourceIds: readonly string[] } };

export interface PrepareOptions {
  readonly cloud: Cloud;
  readonly site: ClusterSite;
  readonly roles: NodeRoles;
  readonly now: number;
  /** Nodes launched before stay: the number of pods stays, too, and their versions count as current. */
  readonly keepsNodes: boolean;
}

/** Makes EKS's own launch template for a group, or another version of it. */
export async function prepareLaunch(group: Nodegroup, options: PrepareOptions): Promise<Prepared> {
  const { cloud, site, now, keepsNodes } = options;
  // Known beforehand: no instance is launched in vain.
  if (site.withoutNodes !== undefined)
    return failed("NodeCreationFailure", `Instances failed to join the kubernetes cluster: ${site.withoutNodes}`, undefined);
  const call = { now };
  const template = sourceData(group, options);
  if (typeof template === "string") return failed("Ec2LaunchTemplateNotFound", template, group.launchTemplate?.id);
  const kept = keepsNodes ? group.launch?.maxPods : undefined;
  const derived = deriveLaunch({
    group,
    template,
    cluster: site.nodes,
    cni: await cniSettings(site),
    instanceProfile: options.roles.profileOf(group),
    ...(kept === undefined ? {} : { maxPods: kept }),
  });
  if (!derived.ok) return failed("Ec2LaunchTemplateInvalidConfiguration", derived.problems.join(" "), group.launchTemplate?.id);
  const { data, instanceTypes, maxPods } = derived.value;
  const made = putTemplate(cloud, group, data, call.now);
  if (typeof made === "string") return failed("Ec2LaunchTemplateNotFound", made, group.launch?.templateId);
  const current = keepsNodes ? [...(group.launch?.current ?? []), made.version] : [made.version];
  return { ok: true, launch: { ...made, current, instanceTypes, ...(maxPods === undefined ? {} : { maxPods }) } };
}

function failed(code: string, message: string, resource: string | undefined): Prepared {
  return { ok: false, issue: { code, message, resourceIds: resource === undefined ? [] : [resource] } };
}

/** The operator's template at the group's version; a sentence when it is gone. */
function sourceData({ launchTemplate }: Nodegroup, { cloud, now }: PrepareOptions): Readonly<Record<string, unknown>> | string | undefined {
  if (launchTemplate === undefined) return undefined;
  const { id, version } = launchTemplate;
  const found = cloud.describeLaunchTemplateVersions({ id: asId<LaunchTemplateId>(id), versions: [String(version)] }, { now });
  return found.ok ? (found.value[0]?.data ?? {}) : found.error.message;
}

function putTemplate(
  cloud: Cloud,
  group: Nodegroup,
  data: Readonly<Record<string, unknown>>,
  now: number,
): { readonly templateId: string; readonly version: number } | string {
  const call = { now };
  if (group.launch !== undefined) {
    const added = cloud.createLaunchTemplateVersion({ id: asId<LaunchTemplateId>(group.launch.templateId), data }, call);
    return added.ok ? { templateId: added.value.templateId, version: added.value.version } : added.error.message;
  }
  const tags = { "eks:cluster-name": group.cluster, "eks:nodegroup-name": group.name };
  const made = cloud.createLaunchTemplate({ name: `eks-${group.uuid}`, data, tags }, call);
  return made.ok ? { templateId: made.value.id, version: 1 } : made.error.message;
}

/** The template goes with its group; one that somebody deleted is gone already. */
export function removeTemplate(cloud: Cloud, { launch }: Nodegroup, now: number): void {
  if (launch !== undefined) cloud.deleteLaunchTemplate({ id: asId<LaunchTemplateId>(launch.templateId) }, { now });
}
