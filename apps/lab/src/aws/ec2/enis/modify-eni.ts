import { asId, type AttachmentId, type EniId, type SecurityGroupId } from "@slash28/address";
import type { ModifyNetworkInterfaceAttributeRequest, ResetNetworkInterfaceAttributeRequest } from "@aws-sdk/client-ec2";
import type { EniChange } from "@slash28/vpc";
import { answer, DONE, mutation, need } from "../../action.ts";
import { AwsError, invalidCombination } from "../../aws-error.ts";
import { connectionTrackingOf } from "./connection-tracking.ts";

export const modifyNetworkInterfaceAttribute = mutation<ModifyNetworkInterfaceAttributeRequest, object>(
  "ModifyNetworkInterfaceAttribute",
  (input, { cloud, call }) => {
    const changes = changesOf(input);
    const [change] = changes;
    if (change === undefined) throw new AwsError("MissingParameter", "The request must contain an attribute to modify");
    if (changes.length > 1) throw invalidCombination("Fields for multiple attribute types specified: one attribute is modified per call.");
    answer(cloud.modifyEni({ eniId: asId<EniId>(need(input.NetworkInterfaceId, "networkInterfaceId")), change }, call));
    return DONE;
  },
);

function changesOf(input: ModifyNetworkInterfaceAttributeRequest): readonly EniChange[] {
  const changes: EniChange[] = [];
  if (input.Description?.Value !== undefined) changes.push({ attribute: "description", value: input.Description.Value });
  if (input.SourceDestCheck?.Value !== undefined) changes.push({ attribute: "source-dest-check", value: input.SourceDestCheck.Value });
  if (input.Groups !== undefined && input.Groups.length > 0) {
    changes.push({ attribute: "groups", value: input.Groups.map((id) => asId<SecurityGroupId>(id)) });
  }
  if (input.EnablePrimaryIpv6 !== undefined) changes.push({ attribute: "primary-ipv6", value: input.EnablePrimaryIpv6 });
  const connectionTracking = connectionTrackingOf(input.ConnectionTrackingSpecification);
  if (connectionTracking !== undefined) changes.push({ attribute: "connection-tracking", value: connectionTracking });
  if (input.Attachment !== undefined) {
    changes.push({
      attribute: "delete-on-termination",
      attachmentId: asId<AttachmentId>(need(input.Attachment.AttachmentId, "attachment.attachmentId")),
      value: need(input.Attachment.DeleteOnTermination, "attachment.deleteOnTermination"),
    });
  }
  return changes;
}

/** The source check is the one attribute that can be reset: to on. */
export const resetNetworkInterfaceAttribute = mutation<ResetNetworkInterfaceAttributeRequest, object>(
  "ResetNetworkInterfaceAttribute",
  (input, { cloud, call }) => {
    const eniId = asId<EniId>(need(input.NetworkInterfaceId, "networkInterfaceId"));
    answer(cloud.modifyEni({ eniId, change: { attribute: "source-dest-check", value: true } }, call));
    return DONE;
  },
);
