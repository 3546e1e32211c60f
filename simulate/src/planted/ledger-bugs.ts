import type { Ledger } from "@slash28/ipam";
import type { PlantedBug } from "./planted-bug.ts";

/** A ledger that errs now and then. */
export const LEDGER_BUGS: readonly PlantedBug[] = [
  {
    name: "gives-a-held-address",
    about: "one in fifty pods gets an address that another has",
    agent: ({ node: { ledger } }, random) => {
      const reserve = ledger.reserve.bind(ledger);
      ledger.reserve = (key, owner, now) => {
        const result = reserve(key, owner, now);
        const other = ledger.reservations()[0];
        if (result.kind !== "reserved" || other === undefined || !random.chance(0.02)) return result;
        return { ...result, reservation: { ...result.reservation, address: other.address } };
      };
    },
  },
  {
    name: "releases-the-neighbour-too",
    about: "one in fifty releases takes another pod's address along",
    agent: ({ node: { ledger } }, random) => {
      const release = ledger.release.bind(ledger);
      ledger.release = (key, now) => {
        const held = release(key, now);
        const [other] = ledger.reservations();
        if (other !== undefined && random.chance(0.02)) release(other.key, now);
        return held;
      };
    },
  },
  {
    name: "never-releases",
    about: "one in twenty releases leaves the address with a pod that is gone",
    agent: ({ node: { ledger } }, random) => {
      const release = ledger.release.bind(ledger);
      ledger.release = (key, now) => (random.chance(0.05) ? ledger.reservationOf(key) : release(key, now));
    },
  },
  {
    name: "withdraws-what-pods-hold",
    about: "an ENI with pods is taken for empty when it is detached",
    agent: ({ node: { ledger } }) => {
      const view = ledger.view.bind(ledger);
      ledger.view = (outside, now) => {
        const seen = view(outside, now);
        return { ...seen, enis: seen.enis.map((eni) => (eni.isPrimary ? eni : { ...eni, assigned: 0, cooling: 0 })) };
      };
      ledger.withdrawEni = () => true;
    },
  },
  {
    name: "deaf-to-waiting-pods",
    about: "pods that wait do not make the pool grow",
    agent: ({ sandboxes: { waiters } }) => {
      waiters.asked = () => undefined;
    },
  },
  {
    name: "never-asks-a-full-subnet-again",
    about: "a subnet that refused once is never asked again",
    agent: ({ node }) => {
      const view = node.ledger.view.bind(node.ledger);
      node.ledger.view = (outside, now) =>
        view({ ...outside, capacity: outside.capacity?.map((entry) => ({ ...entry, until: Number.MAX_SAFE_INTEGER })) ?? [] }, now);
    },
  },
  {
    name: "forgets-a-withdrawn-address",
    about: "addresses that are to be handed back are forgotten before EC2 is asked",
    agent: ({ node: { ledger } }) => {
      ledger.withdraw = withdrawAndForget(ledger);
    },
  },
];

function withdrawAndForget(ledger: Ledger): Ledger["withdraw"] {
  const withdraw = ledger.withdraw.bind(ledger);
  return (eni, cidrs, now) => {
    for (const cidr of withdraw(eni, cidrs, now)) ledger.dropBlock(eni, cidr, now);
    return [];
  };
}
