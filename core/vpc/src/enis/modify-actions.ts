import { find } from "../cloud/find.ts";
import { asEni, type Decide, type EniRecord, type State } from "../cloud/state.ts";
import { invalidValue, unknown } from "../errors.ts";
import { ok, refuse, type Ec2Result } from "../result.ts";
import { connectionTrackingFault } from "./connection-tracking.ts";
import type { Eni, EniChange, ModifyEniInput } from "./eni.ts";
import { groupsFor } from "./new-eni.ts";

export const modifyEni: Decide<ModifyEniInput, Eni> = (state, { eniId, change }) => {
  const found = find(state.enis, eniId, unknown.eni);
  if (!found.ok) return found;
  const next = changed(state, found.value, change);
  return next.ok ? ok(() => asEni(state, state.enis.put({ ...found.value, ...next.value }))) : next;
};

/** The fields that the change puts in place of the ENI's own. */
function changed(state: State, eni: EniRecord, change: EniChange): Ec2Result<Partial<EniRecord>> {
  switch (change.attribute) {
    case "description":
      return ok({ description: change.value });
    case "source-dest-check":
      return ok({ hasSourceDestCheck: change.value });
    case "connection-tracking": {
      const fault = connectionTrackingFault(change.value);
      return fault === undefined ? ok({ connectionTracking: { ...eni.connectionTracking, ...change.value } }) : refuse(fault);
    }
    case "groups": {
      if (change.value.length === 0) return refuse(invalidValue("You must specify at least one security group."));
      const subnet = find(state.subnets, eni.subnetId, unknown.subnet);
      if (!subnet.ok) return subnet;
      const groups = groupsFor(state, subnet.value, change.value, unknown.group);
      return groups.ok ? ok({ groups: groups.value }) : groups;
    }
    case "primary-ipv6":
      return primaryIpv6(eni, change.value);
    case "delete-on-termination": {
      const { attachment } = eni;
      if (attachment === undefined || attachment.id !== change.attachmentId) return refuse(unknown.attachment(change.attachmentId));
      return ok({ attachment: { ...attachment, deleteOnTermination: change.value } });
    }
    default:
      return change satisfies never;
  }
}

function primaryIpv6(eni: EniRecord, isWanted: boolean): Ec2Result<Partial<EniRecord>> {
  if (!isWanted) return eni.hasPrimaryIpv6 === true ? refuse(invalidValue("A primary IPv6 address cannot be removed again.")) : ok({});
  if (eni.ipv6Addresses.length > 0) return ok({ hasPrimaryIpv6: true });
  return refuse(invalidValue(`Interface ${eni.id} has no IPv6 address that could be its primary one.`));
}
