import { randomUUID } from "node:crypto";
import type {
  CreateFleetError,
  CreateFleetInstance,
  CreateFleetRequest,
  CreateFleetResult,
  FleetLaunchTemplateOverridesRequest,
  FleetLaunchTemplateSpecificationRequest,
  TagSpecification,
} from "@aws-sdk/client-ec2";
import type { Call, Cloud } from "@slash28/vpc";
import { answer, mutation, need } from "../../action.ts";
import { AwsError, invalidValue, missingParameter } from "../../aws-error.ts";
import { present } from "../../present.ts";
import { launch } from "../instances/run-instances.ts";
import { versionNamed } from "../instances/with-template.ts";

/** A template with one set of overrides: what the fleet may launch. */
interface Candidate {
  readonly template: FleetLaunchTemplateSpecificationRequest;
  readonly overrides: FleetLaunchTemplateOverridesRequest;
}

/**
 * Fleets of the type `instant`: launched once, in the order of the overrides' priority, and not looked after. What one candidate refuses the next is
 * asked for; refusals are answered beside the instances.
 */
export const createFleet = mutation<CreateFleetRequest, CreateFleetResult>("CreateFleet", (input, { cloud, call }) => {
  if (input.Type !== "instant") {
    throw new AwsError(
      "UnsupportedOperation",
      `The lab has fleets of the type instant, which are launched once; ${input.Type ?? "maintain"} is not one.`,
    );
  }
  const total = need(input.TargetCapacitySpecification?.TotalTargetCapacity, "TargetCapacitySpecification.TotalTargetCapacity");
  if (!Number.isInteger(total) || total < 1)
    throw invalidValue(`The total target capacity must be a whole number, 1 or more, and is ${total}.`);
  const instances: CreateFleetInstance[] = [];
  const errors: CreateFleetError[] = [];
  const lifecycle = input.TargetCapacitySpecification?.DefaultTargetCapacityType === "spot" ? "spot" : "on-demand";
  let missing = total;
  for (const candidate of candidates(input)) {
    if (missing === 0) break;
    const { id, version } = versionNamed(cloud, candidate.template, call);
    const from = {
      LaunchTemplateSpecification: { LaunchTemplateId: id, Version: String(version) },
      Overrides: { InstanceType: candidate.overrides.InstanceType, SubnetId: candidate.overrides.SubnetId },
    };
    const launched = launchFrom(cloud, candidate, { count: missing, tags: input.TagSpecifications, call });
    if (launched.ok) {
      const [first] = launched.value.instances;
      missing -= launched.value.instances.length;
      instances.push({
        LaunchTemplateAndOverrides: from,
        Lifecycle: lifecycle,
        InstanceIds: launched.value.instances.map((instance) => instance.id),
        InstanceType: first?.type as CreateFleetInstance["InstanceType"],
      });
    } else if (launched.error.code === "DryRunOperation") answer(launched);
    else {
      const { code, message } = launched.error;
      errors.push({ LaunchTemplateAndOverrides: from, Lifecycle: lifecycle, ErrorCode: code, ErrorMessage: message });
    }
  }
  return { FleetId: `fleet-${randomUUID()}`, Instances: instances, Errors: errors };
});

function candidates({ LaunchTemplateConfigs: configs = [] }: CreateFleetRequest): readonly Candidate[] {
  const all = configs.flatMap(({ LaunchTemplateSpecification: template, Overrides: overrides = [{}] }): Candidate[] => {
    if (template === undefined) throw missingParameter("LaunchTemplateConfigs.LaunchTemplateSpecification");
    return overrides.map((override) => ({ template, overrides: override }));
  });
  if (all.length === 0) throw missingParameter("LaunchTemplateConfigs");
  return all.toSorted(
    (a, b) => (a.overrides.Priority ?? Number.POSITIVE_INFINITY) - (b.overrides.Priority ?? Number.POSITIVE_INFINITY) || 0,
  );
}

function launchFrom(
  cloud: Cloud,
  { template, overrides }: Candidate,
  order: { readonly count: number; readonly tags: readonly TagSpecification[] | undefined; readonly call: Call },
) {
  const { InstanceType, SubnetId, ImageId } = overrides;
  const tags = order.tags?.filter(({ ResourceType: type }) => type === "instance" || type === "network-interface");
  const fields = present({ LaunchTemplate: template, InstanceType, SubnetId, ImageId, TagSpecifications: tags });
  return launch(cloud, { MinCount: 1, MaxCount: order.count, ...fields }, order.call);
}
