import { asId, type InstanceId } from "@slash28/address";
import type {
  InstanceStateChange as WireStateChange,
  ModifyInstanceMetadataOptionsRequest,
  ModifyInstanceMetadataOptionsResult,
  StartInstancesRequest,
  StartInstancesResult,
  StopInstancesRequest,
  StopInstancesResult,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from "@aws-sdk/client-ec2";
import type { InstanceStateChange } from "@slash28/vpc";
import { answer, mutation, need } from "../../action.ts";
import { metadataChange } from "./run-instances.ts";
import { wireInstance, wireState } from "./wire-instance.ts";

export const terminateInstances = mutation<TerminateInstancesRequest, TerminateInstancesResult>(
  "TerminateInstances",
  (input, { cloud, call }) => ({
    TerminatingInstances: answer(cloud.terminateInstances(instancesOf(input), call)).map(wireChange),
  }),
);

export const stopInstances = mutation<StopInstancesRequest, StopInstancesResult>("StopInstances", (input, { cloud, call }) => ({
  StoppingInstances: answer(cloud.stopInstances(instancesOf(input), call)).map(wireChange),
}));

export const startInstances = mutation<StartInstancesRequest, StartInstancesResult>("StartInstances", (input, { cloud, call }) => ({
  StartingInstances: answer(cloud.startInstances(instancesOf(input), call)).map(wireChange),
}));

export const modifyInstanceMetadataOptions = mutation<ModifyInstanceMetadataOptionsRequest, ModifyInstanceMetadataOptionsResult>(
  "ModifyInstanceMetadataOptions",
  (input, { cloud, call }) => {
    const instanceId = asId<InstanceId>(need(input.InstanceId, "InstanceId"));
    const instance = answer(cloud.modifyMetadataOptions({ instanceId, options: metadataChange(input) }, call));
    return { InstanceId: instance.id, InstanceMetadataOptions: wireInstance(cloud, instance).MetadataOptions };
  },
);

function instancesOf({ InstanceIds }: { readonly InstanceIds?: readonly string[] | undefined }): {
  readonly instanceIds: readonly InstanceId[];
} {
  return { instanceIds: need(InstanceIds, "InstanceId").map((id) => asId<InstanceId>(id)) };
}

function wireChange({ instanceId, previous, current }: InstanceStateChange): WireStateChange {
  return { InstanceId: instanceId, PreviousState: wireState(previous), CurrentState: wireState(current) };
}
