import type {
  DescribeInstanceStatusRequest,
  DescribeInstanceStatusResult,
  InstanceStatus,
  InstanceStatusSummary,
} from "@aws-sdk/client-ec2";
import type { InstanceId } from "@slash28/address";
import type { Cloud, Instance } from "@slash28/vpc";
import { answer, read } from "../../action.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { eitherIdsOrPages, page } from "../../query/pagination.ts";
import { wireState } from "./wire-instance.ts";

/** Running instances only, unless all are asked for. The lab's instances pass their checks from the start. */
export const describeInstanceStatus = read<DescribeInstanceStatusRequest, DescribeInstanceStatusResult>(
  "DescribeInstanceStatus",
  (input, { cloud, call }) => {
    eitherIdsOrPages(input.InstanceIds, input, "instancesSet");
    const all = answer(cloud.describeInstances(namedIds<InstanceId>(input.InstanceIds), call));
    const shown = input.IncludeAllInstances === true ? all : all.filter(({ state }) => state === "running");
    const rules = { action: "DescribeInstanceStatus", key: ({ id }: Instance) => id };
    const { items, ...more } = page(filtered(shown, input.Filters, filters(cloud)), input, rules);
    return { InstanceStatuses: items.map((instance) => wireStatus(cloud, instance)), ...more };
  },
);

const check = ({ state }: Instance): "ok" | "initializing" | "not-applicable" =>
  state === "running" ? "ok" : state === "pending" ? "initializing" : "not-applicable";

function wireStatus(cloud: Cloud, instance: Instance): InstanceStatus {
  const status = check(instance);
  const result = status === "ok" ? "passed" : "initializing";
  const summary: InstanceStatusSummary =
    status === "not-applicable" ? { Status: status } : { Status: status, Details: [{ Name: "reachability", Status: result }] };
  return {
    InstanceId: instance.id,
    AvailabilityZone: instance.zone,
    AvailabilityZoneId: zoneId(cloud, instance),
    InstanceState: wireState(instance.state),
    InstanceStatus: summary,
    SystemStatus: summary,
    Events: [],
  };
}

function zoneId(cloud: Cloud, { zone }: Instance): string | undefined {
  return cloud.zones.find(({ name }) => name === zone)?.id;
}

function filters(cloud: Cloud): FilterTable<Instance> {
  const reachability = (instance: Instance): string | undefined => {
    const status = check(instance);
    return status === "ok" ? "passed" : status === "initializing" ? status : undefined;
  };
  return {
    "availability-zone": ({ zone }) => zone,
    "availability-zone-id": (instance) => zoneId(cloud, instance),
    "event.code": () => [],
    "event.description": () => [],
    "event.instance-event-id": () => [],
    "event.not-after": () => [],
    "event.not-before": () => [],
    "event.not-before-deadline": () => [],
    "instance-state-code": ({ state }) => wireState(state).Code,
    "instance-state-name": ({ state }) => state,
    "instance-status.reachability": reachability,
    "instance-status.status": check,
    "system-status.reachability": reachability,
    "system-status.status": check,
  };
}
