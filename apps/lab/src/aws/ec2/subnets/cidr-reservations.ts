import { asId, formatCidrRange, isCidr6, type SubnetId } from "@slash28/address";
import type {
  CreateSubnetCidrReservationRequest,
  CreateSubnetCidrReservationResult,
  DeleteSubnetCidrReservationRequest,
  DeleteSubnetCidrReservationResult,
  GetSubnetCidrReservationsRequest,
  GetSubnetCidrReservationsResult,
  SubnetCidrReservation,
} from "@aws-sdk/client-ec2";
import { readCidrRange, type CidrReservation, type CidrReservationId } from "@slash28/vpc";
import { answer, mutation, need, read } from "../../action.ts";
import { invalidValue } from "../../aws-error.ts";
import { filtered, type FilterTable } from "../../query/filters.ts";
import { page } from "../../query/pagination.ts";
import { tagsFor, tagSet } from "../../query/tag-specifications.ts";

export const createSubnetCidrReservation = mutation<CreateSubnetCidrReservationRequest, CreateSubnetCidrReservationResult>(
  "CreateSubnetCidrReservation",
  (input, { cloud, call }) => {
    const type = input.ReservationType;
    if (type !== "prefix" && type !== "explicit")
      throw invalidValue(`Invalid value '${type}' for reservationType. Use prefix or explicit.`);
    const created = cloud.createCidrReservation(
      {
        subnetId: asId<SubnetId>(need(input.SubnetId, "SubnetId")),
        cidr: answer(readCidrRange(need(input.Cidr, "Cidr"), "cidr")),
        type,
        tags: tagsFor("subnet-cidr-reservation", input.TagSpecifications),
        ...(input.Description === undefined ? {} : { description: input.Description }),
      },
      call,
    );
    return { SubnetCidrReservation: wireReservation(answer(created)) };
  },
);

export const deleteSubnetCidrReservation = mutation<DeleteSubnetCidrReservationRequest, DeleteSubnetCidrReservationResult>(
  "DeleteSubnetCidrReservation",
  (input, { cloud, call }) => {
    const reservationId = asId<CidrReservationId>(need(input.SubnetCidrReservationId, "SubnetCidrReservationId"));
    return { DeletedSubnetCidrReservation: wireReservation(answer(cloud.deleteCidrReservation({ reservationId }, call))) };
  },
);

export const getSubnetCidrReservations = read<GetSubnetCidrReservationsRequest, GetSubnetCidrReservationsResult>(
  "GetSubnetCidrReservations",
  (input, { cloud, call }) => {
    const all = answer(cloud.describeCidrReservations({ subnetId: asId<SubnetId>(need(input.SubnetId, "SubnetId")) }, call));
    const rules = { action: "GetSubnetCidrReservations", key: ({ id }: CidrReservation) => id };
    const { items, ...more } = page(filtered(all, input.Filters, FILTERS), input, rules);
    const [ipv4, ipv6] = [items.filter(({ cidr }) => !isCidr6(cidr)), items.filter(({ cidr }) => isCidr6(cidr))];
    return { SubnetIpv4CidrReservations: ipv4.map(wireReservation), SubnetIpv6CidrReservations: ipv6.map(wireReservation), ...more };
  },
);

function wireReservation(reservation: CidrReservation): SubnetCidrReservation {
  return {
    SubnetCidrReservationId: reservation.id,
    SubnetId: reservation.subnetId,
    Cidr: formatCidrRange(reservation.cidr),
    ReservationType: reservation.type,
    OwnerId: reservation.ownerId,
    Description: reservation.description,
    Tags: tagSet(reservation.tags),
  };
}

const FILTERS: FilterTable<CidrReservation> = {
  "reservation-type": ({ type }) => type,
  reservationType: ({ type }) => type,
  "subnet-id": ({ subnetId }) => subnetId,
};
