import type { Decide, EksPlace } from "./call.ts";
import { withCluster } from "./call.ts";
import { clusterArn } from "./arns.ts";
import { unknown } from "./errors.ts";
import { ok, refuse, type EksResult } from "./result.ts";
import type { ClusterRecord, EksState, Tags } from "./state.ts";
import { tagFault } from "./tag-rules.ts";

/** A resource with tags, and the way to put others in their place. */
interface Tagged {
  readonly tags: Tags;
  readonly put: (tags: Tags) => ClusterRecord;
}

/** Tags of any resource of the model, by ARN. */
export function tagsOf(state: EksState, arn: string, place: EksPlace): EksResult<Tags> {
  const found = taggedBy(state, arn, place);
  return found === undefined ? refuse(unknown.resource(arn)) : ok(found.tags);
}

export const changeTags: Decide<{ readonly arn: string; readonly put?: Tags; readonly remove?: readonly string[] }, void> = (
  state,
  { arn, put = {}, remove = [] },
  _,
  place,
) => {
  const found = taggedBy(state, arn, place);
  if (found === undefined) return refuse(unknown.resource(arn));
  const kept = Object.entries(found.tags).filter(([key]) => !remove.includes(key));
  const tags = { ...Object.fromEntries(kept), ...put };
  const fault = tagFault(tags);
  return fault === undefined ? ok({ state: withCluster(state, found.put(tags)), value: undefined }) : refuse(fault);
};

function taggedBy(state: EksState, arn: string, place: EksPlace): Tagged | undefined {
  for (const cluster of Object.values(state.clusters)) {
    if (clusterArn(place, cluster.name) === arn) return { tags: cluster.tags, put: (tags) => ({ ...cluster, tags }) };
    const found =
      within(cluster, "addons", arn) ??
      within(cluster, "associations", arn) ??
      within(cluster, "accessEntries", arn) ??
      within(cluster, "identityProviders", arn);
    if (found !== undefined) return found;
  }
  return undefined;
}

type TaggedKind = "addons" | "associations" | "accessEntries" | "identityProviders";

function within(cluster: ClusterRecord, kind: TaggedKind, arn: string): Tagged | undefined {
  const records: Readonly<Record<string, { readonly arn: string; readonly tags: Tags }>> = cluster[kind];
  const entry = Object.entries(records).find(([, record]) => record.arn === arn);
  if (entry === undefined) return undefined;
  const [key, record] = entry;
  return { tags: record.tags, put: (tags) => ({ ...cluster, [kind]: { ...records, [key]: { ...record, tags } } }) };
}
