import type { EksResult } from "@slash28/eks";
import {
  findGroup,
  NO_NODEGROUPS,
  withGroup,
  withoutGroup,
  type Decided,
  type Nodegroup,
  type NodegroupsState,
} from "@slash28/node-groups";
import type { KeptDocument } from "../../state/index.ts";

/** What is known of the node groups, kept on each change. */
export interface GroupBook {
  readonly state: NodegroupsState;
  act<T>(decide: (state: NodegroupsState) => Decided<T>): EksResult<T>;
  find(cluster: string, name: string): Nodegroup | undefined;
  put(group: Nodegroup): void;
  remove(group: Nodegroup): void;
  /** Called after each change. Returns the way to stop. */
  onChange(listener: () => void): () => void;
}

export function createGroupBook(kept: KeptDocument<NodegroupsState>): GroupBook {
  let state = kept.saved ?? NO_NODEGROUPS;
  const listeners = new Set<() => void>();
  const become = (after: NodegroupsState): void => {
    if (after === state) return;
    state = after;
    kept.keep(state);
    for (const listener of listeners) listener();
  };
  return {
    get state() {
      return state;
    },
    act(decide) {
      const decided = decide(state);
      if (!decided.ok) return decided;
      become(decided.value.state);
      return { ok: true, value: decided.value.value };
    },
    find: (cluster, name) => findGroup(state, cluster, name),
    put: (group) => {
      if (findGroup(state, group.cluster, group.name) !== group) become(withGroup(state, group));
    },
    remove: ({ cluster, name }) => become(withoutGroup(state, cluster, name)),
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
