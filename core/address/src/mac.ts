declare const macBrand: unique symbol;

/** A MAC address in lower-case colon form, `02:1f:…`. */
export type Mac = string & { readonly [macBrand]: true };

const FORM = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;

/** Reads colon form in either case. `undefined` when it is anything else. */
export function parseMac(text: string): Mac | undefined {
  const lower = text.toLowerCase();
  return FORM.test(lower) ? (lower as Mac) : undefined;
}

/** The address held in six bytes from `offset`. */
export function macFromBytes(bytes: Uint8Array, offset = 0): Mac {
  return Array.from(bytes.subarray(offset, offset + 6), (byte) => byte.toString(16).padStart(2, "0")).join(":") as Mac;
}

/** The six bytes. */
export function macToBytes(mac: Mac): Uint8Array {
  return Uint8Array.from(mac.split(":"), (part) => Number.parseInt(part, 16));
}

/** Six bytes made into a locally administered unicast address: safe to give to a link of our own. */
export function localMac(bytes: Uint8Array): Mac {
  const own = bytes.slice(0, 6);
  own[0] = ((own[0] ?? 0) & 0xfe) | 0x02;
  return macFromBytes(own);
}
