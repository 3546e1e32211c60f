import type { EniId } from "@slash28/address";
import { AddressPicker } from "../addresses/address-picker.ts";
import { find } from "../cloud/find.ts";
import { asEni, pickersOf, type Decide } from "../cloud/state.ts";
import { atLimit, invalidValue, unknown } from "../errors.ts";
import { ok, refuse } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import type { CreateServiceEniInput, Eni } from "./eni.ts";
import { groupsFor, planEni, putEni, removeEni } from "./new-eni.ts";

/** Puts an ENI of another AWS service into a subnet; it counts for addresses, quota and dependencies. Not an EC2 call: the service's own doing. */
export const createServiceEni: Decide<CreateServiceEniInput, Eni> = (state, input, { now }) => {
  const { tags = {} } = input;
  const fault = tagFault(tags);
  if (fault !== undefined) return refuse(fault);
  const subnet = find(state.subnets, input.subnetId, unknown.subnet);
  if (!subnet.ok) return subnet;
  // A network load balancer may have no group at all; any other ENI has one.
  const hasNone = input.kind === "network_load_balancer" && (input.groups ?? []).length === 0;
  const groups = hasNone ? ok([]) : groupsFor(state, subnet.value, input.groups, unknown.group);
  if (!groups.ok) return groups;
  if (state.enis.size >= state.quotas.enis) return refuse(atLimit.enis());
  const publicAddress =
    input.hasPublicAddress === true ? new AddressPicker(state.publicAddresses, { kind: "lowest" }).address() : undefined;
  if (input.hasPublicAddress === true && publicAddress === undefined) return refuse(atLimit.publicAddresses());
  const { kind, description } = input;
  const wish = { subnet: subnet.value, kind, description, groups: groups.value, primaryAddress: undefined, carry: {}, tags };
  const plan = planEni({ ...wish, ipv6: { addressCount: input.hasIpv6 === true ? 1 : 0 } }, pickersOf(state, input.subnetId));
  if (!plan.ok) return plan;
  return ok(() => {
    const { requesterId, attachmentOwner } = input;
    const requester = { id: requesterId, attachmentOwner, attachmentId: state.mint.id("ela-attach") };
    const eni = putEni(state, { ...plan.value, wish: { ...plan.value.wish, requester } }, now);
    if (publicAddress === undefined) return asEni(state, eni);
    state.publicAddresses.take(publicAddress);
    return asEni(state, state.enis.put({ ...eni, publicAddress }));
  });
};

export const deleteServiceEni: Decide<{ readonly eniId: EniId }, void> = (state, { eniId }) => {
  const found = find(state.enis, eniId, unknown.eni);
  if (!found.ok) return found;
  if (found.value.requester === undefined) return refuse(invalidValue(`Network interface '${eniId}' was made by no AWS service.`));
  return ok(() => removeEni(state, found.value));
};
