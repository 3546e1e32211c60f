import type { PlantedBug } from "./planted-bug.ts";

/** Calls to EC2 and the metadata service that do less, or other things, than they should. */
export const CLOUD_BUGS: readonly PlantedBug[] = [
  {
    name: "unassign-does-nothing",
    about: "addresses are handed back in name only",
    ec2: (ec2) => ({ ...ec2, unassign: async () => undefined }),
  },
  {
    name: "hands-back-one-too-many",
    about: "each hand-back takes an address of a running pod along",
    ec2: (ec2, agent) => ({
      ...ec2,
      unassign: (eni, give) => {
        const held = agent()
          ?.node.ledger.reservations()
          .find((each) => each.eni === eni && give.addresses.length > 0);
        return ec2.unassign(eni, held === undefined ? give : { ...give, addresses: [...give.addresses, held.address] });
      },
    }),
  },
  {
    name: "delete-does-nothing",
    about: "an ENI is detached and never deleted",
    ec2: (ec2) => ({ ...ec2, deleteEni: async () => undefined }),
  },
  {
    name: "ignores-max-eni",
    about: "each ENI is made and attached twice",
    ec2: (ec2) => ({
      ...ec2,
      attachEni: async (eni, instance, deviceIndex, card) => {
        const [made] = await ec2.describeEnis([eni]);
        const attachment = await ec2.attachEni(eni, instance, deviceIndex, card);
        if (made === undefined) return attachment;
        const { subnetId, groups, description, tags } = made;
        const second = await ec2.createEni({
          subnetId,
          groups,
          description,
          tags,
          carry: { kind: "addresses", count: 0 },
          clientToken: `second of ${eni}`,
        });
        await ec2.attachEni(second.id, instance, deviceIndex + 1, card).catch(() => ec2.deleteEni(second.id));
        return attachment;
      },
    }),
  },
  {
    name: "believes-stale-metadata",
    about: "an address that the metadata service does not show is taken from its pod, as upstream does",
    metadata: (metadata, agent) => ({
      ...metadata,
      enis: async () => {
        const enis = await metadata.enis();
        const ledger = agent()?.node.ledger;
        for (const { key, address } of ledger?.reservations() ?? []) {
          const isShown = enis.some((eni) => eni.addresses.includes(address) || eni.prefixes.some(({ base }) => address - base < 16));
          if (!isShown) ledger?.release(key, 0);
        }
        return enis;
      },
    }),
  },
];
