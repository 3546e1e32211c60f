import { cidr4Contains, cidr6Contains, parseCidr4Loose, parseCidr6Loose } from "@slash28/address";

/** A test for addresses in a range such as `203.0.113.0/24` or `2001:db8::/32`, or one address; `undefined` when it is neither. */
export function ipRange(text: string): ((address: string) => boolean) | undefined {
  const range4 = parseCidr4Loose(withLength(text, 32));
  if (range4 !== undefined) {
    return (address) => {
      const one = parseCidr4Loose(withLength(address, 32));
      return one !== undefined && cidr4Contains(range4, one);
    };
  }
  const range6 = parseCidr6Loose(withLength(text, 128));
  if (range6 === undefined) return undefined;
  return (address) => {
    const one = parseCidr6Loose(withLength(address, 128));
    return one !== undefined && cidr6Contains(range6, one);
  };
}

function withLength(text: string, length: number): string {
  return text.includes("/") ? text : `${text}/${length}`;
}
