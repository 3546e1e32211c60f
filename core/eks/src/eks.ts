import {
  createAccessEntry,
  associateAccessPolicy,
  deleteAccessEntry,
  disassociateAccessPolicy,
  updateAccessEntry,
} from "./access/entries.ts";
import { createAddon, deleteAddon, updateAddon } from "./addons/addon-actions.ts";
import { addonGone, addonRepaired, finishAddonWork, noteAddonHealth } from "./addons/addon-work.ts";
import type { Decide, EksCall, EksPlace } from "./call.ts";
import { finishClusterUpdate, updateClusterConfig, updateClusterVersion } from "./clusters/change-cluster.ts";
import { createCluster } from "./clusters/create-cluster.ts";
import { clusterFailed, clusterGone, clusterStarted, deleteCluster } from "./clusters/life-of-clusters.ts";
import { createAssociation, deleteAssociation, updateAssociation } from "./identity/associations.ts";
import { associateIdentityProvider, disassociateIdentityProvider } from "./identity/identity-providers.ts";
import { ok, type EksResult } from "./result.ts";
import { EMPTY_STATE, type EksState } from "./state.ts";
import { changeTags } from "./tags.ts";

/** Everything that changes the state: what clients ask for, and what whoever carries it out reports. */
const ACTIONS = {
  createCluster,
  updateClusterConfig,
  updateClusterVersion,
  deleteCluster,
  clusterStarted,
  clusterFailed,
  clusterGone,
  finishClusterUpdate,
  createAddon,
  updateAddon,
  deleteAddon,
  finishAddonWork,
  noteAddonHealth,
  addonRepaired,
  addonGone,
  createAssociation,
  updateAssociation,
  deleteAssociation,
  createAccessEntry,
  updateAccessEntry,
  deleteAccessEntry,
  associateAccessPolicy,
  disassociateAccessPolicy,
  associateIdentityProvider,
  disassociateIdentityProvider,
  changeTags,
} as const;

type Actions = typeof ACTIONS;
export type EksActionName = keyof Actions;
export type EksInput<Name extends EksActionName> = Actions[Name] extends Decide<infer Input, infer _> ? Input : never;
export type EksOutput<Name extends EksActionName> = Actions[Name] extends Decide<infer _, infer Output> ? Output : never;

export interface EksOptions extends EksPlace {
  /** What a model before this one left; an account without clusters when absent. */
  readonly saved?: EksState | undefined;
  /** Told of every state that differs from the one before, before the call that made it is answered. */
  readonly onChange?: (state: EksState) => void;
}

/** EKS of one account in one Region. */
export interface Eks extends EksPlace {
  readonly state: EksState;
  /** Carries an action out, or refuses it and changes nothing. */
  act<Name extends EksActionName>(name: Name, input: EksInput<Name>, call: EksCall): EksResult<EksOutput<Name>>;
}

export function createEks({ region, accountId, saved = EMPTY_STATE, onChange }: EksOptions): Eks {
  let state = saved;
  const place = { region, accountId };
  return {
    ...place,
    get state() {
      return state;
    },
    act<Name extends EksActionName>(name: Name, input: EksInput<Name>, call: EksCall) {
      const decide = ACTIONS[name] as unknown as Decide<EksInput<Name>, EksOutput<Name>>;
      const decision = decide(state, input, call, place);
      if (!decision.ok) return decision;
      if (decision.value.state !== state) {
        state = decision.value.state;
        onChange?.(state);
      }
      return ok(decision.value.value);
    },
  };
}
