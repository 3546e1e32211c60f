import type { EniId, Ipv4 } from "@slash28/address";
import type { State } from "../cloud/state.ts";
import type { ElasticAddress, ElasticAssociation } from "./elastic-address.ts";

/** Takes an Elastic IP off its ENI; it stays the account's. */
export function disassociate(state: State, elastic: ElasticAddress): ElasticAddress {
  const { association, ...free } = elastic;
  const eni = association === undefined ? undefined : state.enis.get(association.eniId);
  if (eni?.elasticAddressId === elastic.id) {
    const { publicAddress: _address, elasticAddressId: _id, ...rest } = eni;
    state.enis.put(rest);
    setInstanceAddress(state, eni.id, undefined);
  }
  return state.elasticAddresses.put(free);
}

/** Puts an Elastic IP on an address of an ENI. On the primary one it takes the place of the public address given at launch. */
export function associate(state: State, elastic: ElasticAddress, association: ElasticAssociation): ElasticAddress {
  const eni = state.enis.get(association.eniId);
  if (eni?.primaryAddress === association.privateAddress) {
    if (eni.publicAddress !== undefined && eni.elasticAddressId === undefined) state.publicAddresses.release(eni.publicAddress);
    state.enis.put({ ...eni, publicAddress: elastic.publicAddress, elasticAddressId: elastic.id });
    setInstanceAddress(state, eni.id, elastic.publicAddress);
  }
  return state.elasticAddresses.put({ ...elastic, association });
}

/** Takes every Elastic IP off an ENI, or the one that stands for one of its addresses. */
export function dropElastic(state: State, eniId: EniId, privateAddress?: Ipv4): void {
  const isHere = ({ association }: ElasticAddress): boolean =>
    association?.eniId === eniId && (privateAddress === undefined || association.privateAddress === privateAddress);
  for (const elastic of state.elasticAddresses.where(isHere)) disassociate(state, elastic);
}

/** An Elastic IP follows its secondary address to another ENI (AWS: "Secondary IP addresses for your EC2 instances"). */
export function moveElastic(state: State, privateAddress: Ipv4, from: EniId, to: EniId): void {
  for (const elastic of state.elasticAddresses.where(
    ({ association }) => association?.eniId === from && association.privateAddress === privateAddress,
  )) {
    if (elastic.association !== undefined) state.elasticAddresses.put({ ...elastic, association: { ...elastic.association, eniId: to } });
  }
}

/** An instance shows the public address of its primary ENI. */
function setInstanceAddress(state: State, eniId: EniId, publicAddress: Ipv4 | undefined): void {
  const instanceId = state.enis.get(eniId)?.attachment?.instanceId;
  const instance = instanceId === undefined ? undefined : state.instances.get(instanceId);
  if (instance === undefined || instance.enis[0] !== eniId) return;
  const { publicAddress: _before, ...rest } = instance;
  state.instances.put(publicAddress === undefined ? rest : { ...rest, publicAddress });
}
