import type { InstanceId } from "@slash28/address";
import type { DescribeInstancesRequest, DescribeInstancesResult, Reservation as WireReservation } from "@aws-sdk/client-ec2";
import type { Cloud, Instance } from "@slash28/vpc";
import { answer, read } from "../../action.ts";
import { filtered } from "../../query/filters.ts";
import { namedIds } from "../../query/ids.ts";
import { eitherIdsOrPages, page } from "../../query/pagination.ts";
import { instanceFilters } from "./instance-filters.ts";
import { wireInstance } from "./wire-instance.ts";

export const describeInstances = read<DescribeInstancesRequest, DescribeInstancesResult>("DescribeInstances", (input, { cloud, call }) => {
  eitherIdsOrPages(input.InstanceIds, input, "instancesSet");
  const all = answer(cloud.describeInstances(namedIds<InstanceId>(input.InstanceIds), call));
  const matching = filtered(all, input.Filters, () => instanceFilters(cloud));
  const { items, ...more } = page(matching, input, { action: "DescribeInstances", key: ({ id }) => id });
  return { Reservations: wireReservations(cloud, items), ...more };
});

/** Instances under the reservations that launched them. A page may cut a reservation in two, as in EC2. */
export function wireReservations(cloud: Cloud, instances: readonly Instance[]): WireReservation[] {
  const byReservation = new Map<string, Instance[]>();
  for (const instance of instances) {
    const together = byReservation.get(instance.reservationId);
    if (together === undefined) byReservation.set(instance.reservationId, [instance]);
    else together.push(instance);
  }
  return [...byReservation].map(([ReservationId, together]) => ({
    ReservationId,
    OwnerId: cloud.accountId,
    Groups: [],
    Instances: together.map((instance) => wireInstance(cloud, instance)),
  }));
}
