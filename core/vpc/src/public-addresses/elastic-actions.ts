import { formatIpv4, type EniId } from "@slash28/address";
import { AddressPicker } from "../addresses/address-picker.ts";
import { find, findAll } from "../cloud/find.ts";
import { heldBy, type Decide, type EniRecord, type State } from "../cloud/state.ts";
import { atLimit, depended, invalidCombination, invalidValue, missing, notPermitted, refusal, unknown } from "../errors.ts";
import type { ElasticAddressId, ElasticAssociationId } from "../ids.ts";
import { ok, refuse, type Ec2Error, type Ec2Result } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import type { Tags } from "../tags/tag.ts";
import type { AssociateAddressInput, ElasticAddress } from "./elastic-address.ts";
import { associate, disassociate } from "./release.ts";

export const allocateAddress: Decide<{ readonly tags?: Tags }, ElasticAddress> = (state, { tags = {} }) => {
  const fault = tagFault(tags);
  if (fault !== undefined) return refuse(fault);
  if (state.elasticAddresses.size >= state.quotas.elasticAddresses) return refuse(atLimit.publicAddresses());
  const publicAddress = new AddressPicker(state.publicAddresses, { kind: "lowest" }).address();
  if (publicAddress === undefined) return refuse(atLimit.publicAddresses());
  return ok(() => {
    state.publicAddresses.take(publicAddress);
    const id = state.mint.id<ElasticAddressId>("eipalloc");
    return state.elasticAddresses.put({ id, ownerId: state.accountId, publicAddress, tags });
  });
};

/** Not while it is on an ENI. */
export const releaseAddress: Decide<{ readonly addressId: ElasticAddressId }, void> = (state, { addressId }) => {
  const found = find(state.elasticAddresses, addressId, unknown.elasticAddress);
  if (!found.ok) return found;
  const { association, publicAddress } = found.value;
  if (association !== undefined) return refuse(depended.elasticAddress(formatIpv4(publicAddress)));
  return ok(() => {
    state.publicAddresses.release(publicAddress);
    state.elasticAddresses.delete(addressId);
  });
};

export const describeAddresses: Decide<{ readonly ids?: readonly ElasticAddressId[] }, readonly ElasticAddress[]> = (state, { ids }) => {
  const found = findAll(state.elasticAddresses, ids, unknown.elasticAddress);
  return found.ok ? ok(() => found.value) : found;
};

export const associateAddress: Decide<AssociateAddressInput, ElasticAddress> = (state, input) => {
  const found = find(state.elasticAddresses, input.addressId, unknown.elasticAddress);
  if (!found.ok) return found;
  const eni = targetEni(state, input);
  if (!eni.ok) return eni;
  const elastic = found.value;
  const privateAddress = input.privateAddress ?? eni.value.primaryAddress;
  const isHere = [eni.value.primaryAddress, ...heldBy(state, eni.value).secondaryAddresses].includes(privateAddress);
  if (!isHere) return refuse(invalidValue(`The private IP address ${formatIpv4(privateAddress)} is not associated with ${eni.value.id}.`));
  const inPlace = elasticAt(state, eni.value.id, privateAddress);
  if (inPlace?.id === elastic.id) return ok(() => elastic);
  const fault = mayNotFault(state, elastic, inPlace, { eni: eni.value, mayReassociate: input.mayReassociate ?? true });
  if (fault !== undefined) return refuse(fault);
  return ok(() => {
    if (inPlace !== undefined) disassociate(state, inPlace);
    const free = elastic.association === undefined ? elastic : disassociate(state, elastic);
    return associate(state, free, { id: state.mint.id<ElasticAssociationId>("eipassoc"), eniId: eni.value.id, privateAddress });
  });
};

function targetEni(state: State, { eniId, instanceId }: AssociateAddressInput): Ec2Result<EniRecord> {
  if (eniId !== undefined && instanceId !== undefined) {
    return refuse(invalidCombination("The parameter networkInterfaceId cannot be used with the parameter instanceId"));
  }
  if (eniId !== undefined) return find(state.enis, eniId, unknown.eni);
  if (instanceId === undefined) return refuse(missing("InstanceId or NetworkInterfaceId"));
  const instance = find(state.instances, instanceId, unknown.instance);
  if (!instance.ok) return instance;
  const [primary] = instance.value.enis;
  if (primary === undefined)
    return refuse(refusal("InvalidInstanceID.NotFound", `The instance ID '${instanceId}' has no network interface`));
  return find(state.enis, primary, unknown.eni);
}

function elasticAt(state: State, eniId: EniId, privateAddress: EniRecord["primaryAddress"]): ElasticAddress | undefined {
  return state.elasticAddresses.where(
    ({ association }) => association?.eniId === eniId && association.privateAddress === privateAddress,
  )[0];
}

function mayNotFault(
  state: State,
  elastic: ElasticAddress,
  inPlace: ElasticAddress | undefined,
  { eni, mayReassociate }: { readonly eni: EniRecord; readonly mayReassociate: boolean },
): Ec2Error | undefined {
  if (!state.gateways.some((gateway) => gateway.vpcId === eni.vpcId)) {
    return refusal("Gateway.NotAttached", `Network ${eni.vpcId} is not attached to any internet gateway`);
  }
  const holder = elastic.association === undefined ? undefined : state.enis.get(elastic.association.eniId);
  if (eni.kind === "nat_gateway" || holder?.requester !== undefined) {
    return notPermitted("You do not have permission to access the specified resource: another AWS service holds it.");
  }
  if (mayReassociate) return undefined;
  const taken = elastic.association === undefined ? inPlace?.id : elastic.id;
  return taken === undefined ? undefined : refusal("Resource.AlreadyAssociated", `resource ${taken} is already associated`);
}

/** The ENI has no public address afterwards until its instance starts again. */
export const disassociateAddress: Decide<{ readonly associationId: ElasticAssociationId }, void> = (state, { associationId }) => {
  const [elastic] = state.elasticAddresses.where(({ association }) => association?.id === associationId);
  if (elastic?.association === undefined) return refuse(unknown.elasticAssociation(associationId));
  if (state.enis.get(elastic.association.eniId)?.requester !== undefined) {
    return refuse(notPermitted("You do not have permission to access the specified resource: another AWS service holds it."));
  }
  return ok(() => void disassociate(state, elastic));
};
