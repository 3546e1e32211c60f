import { asId, type AttachmentId, type EniId, type InstanceId } from "@slash28/address";
import type { AttachNetworkInterfaceRequest, AttachNetworkInterfaceResult, DetachNetworkInterfaceRequest } from "@aws-sdk/client-ec2";
import { answer, DONE, mutation, need } from "../../action.ts";

export const attachNetworkInterface = mutation<AttachNetworkInterfaceRequest, AttachNetworkInterfaceResult>(
  "AttachNetworkInterface",
  (input, { cloud, call }) => {
    const attached = cloud.attachEni(
      {
        eniId: asId<EniId>(need(input.NetworkInterfaceId, "networkInterfaceId")),
        instanceId: asId<InstanceId>(need(input.InstanceId, "instanceId")),
        deviceIndex: need(input.DeviceIndex, "deviceIndex"),
        ...(input.NetworkCardIndex === undefined ? {} : { networkCard: input.NetworkCardIndex }),
      },
      call,
    );
    const { id, networkCard } = answer(attached);
    return { AttachmentId: id, NetworkCardIndex: networkCard };
  },
);

export const detachNetworkInterface = mutation<DetachNetworkInterfaceRequest, object>(
  "DetachNetworkInterface",
  (input, { cloud, call }) => {
    const attachmentId = asId<AttachmentId>(need(input.AttachmentId, "attachmentId"));
    answer(cloud.detachEni({ attachmentId, isForced: input.Force ?? false }, call));
    return DONE;
  },
);
