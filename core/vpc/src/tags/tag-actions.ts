import type { Decide, State } from "../cloud/state.ts";
import { missing } from "../errors.ts";
import { ok, refuse, type Ec2Result } from "../result.ts";
import { isReserved, tagFault, withTags } from "./tag-rules.ts";
import type { CreateTagsInput, DeleteTagsInput, ResourceTag, Tags } from "./tag.ts";
import { allTaggables, findTaggable, type Taggable } from "./taggable.ts";

/** Puts tags on all the resources, or on none. */
export const createTags: Decide<CreateTagsInput, void> = (state, { resourceIds, tags }) => {
  if (Object.keys(tags).length === 0) return refuse(missing("Tags"));
  const fault = tagFault(tags);
  if (fault !== undefined) return refuse(fault);
  return changeTags(state, resourceIds, ({ tags: present }) => withTags(present, tags));
};

/** A key that is not there is no error, and a resource keeps the tags of another value. */
export const deleteTags: Decide<DeleteTagsInput, void> = (state, { resourceIds, tags: gone }) =>
  changeTags(state, resourceIds, ({ tags: present }) => {
    const isGone = (key: string, value: string) =>
      !isReserved(key) && (gone === undefined || gone.some((tag) => tag.key === key && (tag.value === undefined || tag.value === value)));
    return ok(Object.fromEntries(Object.entries(present).filter(([key, value]) => !isGone(key, value))));
  });

function changeTags(state: State, ids: readonly string[], change: (resource: Taggable) => Ec2Result<Tags>): Ec2Result<() => void> {
  if (ids.length === 0) return refuse(missing("resourceIdSet"));
  const writes: (() => void)[] = [];
  for (const id of new Set(ids)) {
    const resource = findTaggable(state, id);
    if (!resource.ok) return resource;
    const tags = change(resource.value);
    if (!tags.ok) return tags;
    writes.push(() => resource.value.put(tags.value));
  }
  return ok(() => {
    for (const write of writes) write();
  });
}

export const describeTags: Decide<{}, readonly ResourceTag[]> = (state) =>
  ok(() =>
    allTaggables(state).flatMap(({ id, type, tags }) =>
      Object.entries(tags).map(([key, value]) => ({ resourceId: id, resourceType: type, key, value })),
    ),
  );
