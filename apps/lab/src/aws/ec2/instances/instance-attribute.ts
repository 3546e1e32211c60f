import { asId, type InstanceId, type SecurityGroupId } from "@slash28/address";
import type {
  DescribeInstanceAttributeRequest,
  InstanceAttribute,
  ModifyInstanceAttributeRequest,
  RebootInstancesRequest,
} from "@aws-sdk/client-ec2";
import type { Cloud, Eni, EniChange, Instance } from "@slash28/vpc";
import { answer, DONE, mutation, need, read, type ActionContext } from "../../action.ts";
import { AwsError, invalidCombination, invalidValue } from "../../aws-error.ts";
import { eniGroups } from "../enis/wire-eni.ts";

export const describeInstanceAttribute = read<DescribeInstanceAttributeRequest, InstanceAttribute>(
  "DescribeInstanceAttribute",
  (input, context) => {
    const instance = instanceOf(context, need(input.InstanceId, "instanceId"));
    return { InstanceId: instance.id, ...attributeOf(context.cloud, instance, need(input.Attribute, "attribute")) };
  },
);

type Part = (cloud: Cloud, instance: Instance, primary: Eni | undefined) => Partial<InstanceAttribute>;

/** By the attribute's name. What nobody can change is as EC2 has it for a new instance; kernels and RAM disks are not named. */
const ATTRIBUTES: Readonly<Record<string, Part>> = {
  blockDeviceMapping: () => ({ BlockDeviceMappings: [] }),
  disableApiStop: () => ({ DisableApiStop: { Value: false } }),
  disableApiTermination: () => ({ DisableApiTermination: { Value: false } }),
  ebsOptimized: () => ({ EbsOptimized: { Value: false } }),
  enaSupport: () => ({ EnaSupport: { Value: true } }),
  enclaveOptions: () => ({ EnclaveOptions: { Enabled: false } }),
  groupSet: (cloud, _, primary) => ({ Groups: primary === undefined ? [] : eniGroups(cloud, primary) }),
  instanceInitiatedShutdownBehavior: () => ({ InstanceInitiatedShutdownBehavior: { Value: "stop" } }),
  instanceType: (_, { type }) => ({ InstanceType: { Value: type } }),
  kernel: () => ({}),
  productCodes: () => ({ ProductCodes: [] }),
  ramdisk: () => ({}),
  rootDeviceName: () => ({ RootDeviceName: { Value: "/dev/xvda" } }),
  sourceDestCheck: (_, __, primary) => ({ SourceDestCheck: { Value: primary?.hasSourceDestCheck } }),
  sriovNetSupport: () => ({}),
  userData: (_, { userData }) => ({ UserData: userData === undefined ? {} : { Value: userData } }),
};

function attributeOf(cloud: Cloud, instance: Instance, attribute: string): Partial<InstanceAttribute> {
  const part = Object.hasOwn(ATTRIBUTES, attribute) ? ATTRIBUTES[attribute] : undefined;
  if (part === undefined) throw invalidValue(`Invalid value '${attribute}' for attribute.`);
  return part(cloud, instance, primaryOf(cloud, instance));
}

/** Of an instance's attributes, its primary ENI's: security groups and the source check. */
export const modifyInstanceAttribute = mutation<ModifyInstanceAttributeRequest, object>("ModifyInstanceAttribute", (input, context) => {
  const instance = instanceOf(context, need(input.InstanceId, "instanceId"));
  const changes = changesOf(input);
  const [change] = changes;
  if (change === undefined) {
    throw new AwsError("UnsupportedOperation", "Of an instance's attributes the lab changes groups and SourceDestCheck only.");
  }
  if (changes.length > 1) throw invalidCombination("Fields for multiple attribute types specified: one attribute is modified per call.");
  if (instance.enis.length > 1) {
    const message = `There are multiple interfaces attached to instance '${instance.id}'. Please specify an interface ID for the operation instead.`;
    throw new AwsError("InvalidInstanceID", message);
  }
  const primary = primaryOf(context.cloud, instance);
  if (primary === undefined) throw new AwsError("IncorrectInstanceState", `The instance '${instance.id}' has no network interface.`);
  answer(context.cloud.modifyEni({ eniId: primary.id, change }, context.call));
  return DONE;
});

function changesOf(input: ModifyInstanceAttributeRequest): readonly EniChange[] {
  const value = input.SourceDestCheck?.Value;
  return [
    ...(input.Groups === undefined || input.Groups.length === 0
      ? []
      : [{ attribute: "groups", value: input.Groups.map((id) => asId<SecurityGroupId>(id)) } as const]),
    ...(value === undefined ? [] : [{ attribute: "source-dest-check", value } as const]),
  ];
}

function instanceOf({ cloud, call }: ActionContext, id: string): Instance {
  const [instance] = answer(cloud.describeInstances({ ids: [asId<InstanceId>(id)] }, call));
  if (instance === undefined) throw new TypeError(`describing ${id} gave neither an instance nor a refusal`);
  return instance;
}

function primaryOf(cloud: Cloud, { enis }: Instance): Eni | undefined {
  const [primary] = enis;
  return primary === undefined ? undefined : cloud.view.eni(primary);
}

/** An instance stays `running` while it restarts, in EC2 too; its pods and agent are left alone. */
export const rebootInstances = mutation<RebootInstancesRequest, object>("RebootInstances", (input, { cloud, call }) => {
  const ids = need(input.InstanceIds, "InstanceId").map((id) => asId<InstanceId>(id));
  const off = answer(cloud.describeInstances({ ids }, call)).find(({ state }) => state !== "running");
  if (off !== undefined) {
    throw new AwsError("IncorrectState", `The instance '${off.id}' is not in a state from which it can be rebooted.`);
  }
  if (call.dryRun === true) throw new AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
  return DONE;
});
