import type { MetadataEni } from "@slash28/ports";
import type { Node } from "../node.ts";

/**
 * An ENI of the metadata service with what the ledger has of it. What is new may also be old: handed back to EC2 before this process started,
 * and still shown. EC2 tells which. Without anything new the same object.
 */
export function withoutNew({ ledger }: Node, eni: MetadataEni): MetadataEni {
  const blocks = ledger.eni(eni.id)?.blocks;
  if (blocks === undefined) return eni;
  const addresses = eni.addresses.filter((address) => address === eni.primaryAddress || blocks.has(address));
  const prefixes = eni.prefixes.filter((prefix) => blocks.has(prefix.base));
  const hasNew = addresses.length < eni.addresses.length || prefixes.length < eni.prefixes.length;
  return hasNew ? { ...eni, addresses, prefixes } : eni;
}
