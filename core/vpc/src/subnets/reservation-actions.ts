import { cidrRangeContains, formatCidrRange, isCidr6, type CidrRange, type SubnetId } from "@slash28/address";
import { find } from "../cloud/find.ts";
import { addressesOf, type Decide } from "../cloud/state.ts";
import { invalidValue, unknown } from "../errors.ts";
import type { CidrReservationId } from "../ids.ts";
import { ok, refuse } from "../result.ts";
import { tagFault } from "../tags/tag-rules.ts";
import type { CidrReservation, CreateCidrReservationInput } from "./subnet.ts";

/** Sets a range aside; addresses in use inside it stay where they are (AWS: "Subnet CIDR reservations"). */
export const createCidrReservation: Decide<CreateCidrReservationInput, CidrReservation> = (state, input) => {
  const { subnetId, cidr, type, description = "", tags = {} } = input;
  const found = find(state.subnets, subnetId, unknown.subnet);
  if (!found.ok) return found;
  const fault = tagFault(tags);
  if (fault !== undefined) return refuse(fault);
  const text = formatCidrRange(cidr);
  const whole: CidrRange | undefined = isCidr6(cidr) ? found.value.ipv6Cidr?.cidr : found.value.cidr;
  if (whole === undefined || !cidrRangeContains(whole, cidr)) {
    const of = whole === undefined ? "of which there is none for IPv6" : formatCidrRange(whole);
    return refuse(invalidValue(`CIDR block ${text} is not within subnet CIDR ${of}.`));
  }
  const overlaps = (other: CidrRange): boolean => cidrRangeContains(other, cidr) || cidrRangeContains(cidr, other);
  if (state.reservations.some((other) => other.subnetId === subnetId && overlaps(other.cidr))) {
    return refuse(invalidValue(`CIDR block ${text} overlaps with an existing subnet CIDR reservation.`));
  }
  return ok(() => {
    if (isCidr6(cidr)) state.ipv6Addresses.get(subnetId)?.reserve(cidr, type);
    else addressesOf(state, subnetId).space.reserve(cidr, type);
    const id = state.mint.id<CidrReservationId>("scr");
    return state.reservations.put({ id, subnetId, ownerId: state.accountId, cidr, type, description, tags });
  });
};

/** Prefixes given out of the reservation stay with their ENIs. */
export const deleteCidrReservation: Decide<{ readonly reservationId: CidrReservationId }, CidrReservation> = (state, input) => {
  const found = find(state.reservations, input.reservationId, unknown.reservation);
  if (!found.ok) return found;
  const reservation = found.value;
  return ok(() => {
    const { cidr, subnetId, type } = reservation;
    if (isCidr6(cidr)) state.ipv6Addresses.get(subnetId)?.unreserve(cidr);
    else addressesOf(state, subnetId).space.unreserve(cidr, type);
    state.reservations.delete(reservation.id);
    return reservation;
  });
};

export const describeCidrReservations: Decide<{ readonly subnetId: SubnetId }, readonly CidrReservation[]> = (state, { subnetId }) => {
  const found = find(state.subnets, subnetId, unknown.subnet);
  if (!found.ok) return found;
  return ok(() => state.reservations.where((reservation) => reservation.subnetId === subnetId));
};
