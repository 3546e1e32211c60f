import { text4, type AddressPseudonyms } from "./addresses.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import { isKeptName } from "./vocabulary.ts";

/** How texts of a snapshot are told under other names. */
export interface TextRedaction {
  /** A name as a whole; remembered, so that messages that speak of it are told alike. */
  name(text: string): string;
  /** Ids, account numbers, ARNs and addresses, wherever they are in a text; in sentences also names seen before. */
  text(text: string): string;
}

const NODE_NAME = /\bip-(\d{1,3})-(\d{1,3})-(\d{1,3})-(\d{1,3})\b/g;
const KNOWN_DOMAIN = /^ip-\d+-\d+-\d+-\d+(?:\.ec2\.internal|\.[a-z0-9-]+\.compute\.internal)?$/;
/** `subnet-0123…`, `i-0123…`, `eni-attach-…`; EKS's associations are `a-…`. */
const ID = /\b((?:[a-z]{1,12}-)?[a-z]{1,12})-([0-9a-f]{8}|[0-9a-f]{17}|(?<=^a-)[a-z0-9]{8,17})\b/g;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const ACCOUNT = /(?<![\d.])\d{12}(?![\d.])/g;
const ADDRESS4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?:\/\d{1,2})?(?![\d.]*\d)/g;
const ADDRESS6 = /(?<![0-9a-f:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:\/\d{1,3})?(?![0-9a-f:])/gi;
const MAC = /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi;
const ARN = /\barn:(aws[\w-]*):([\w-]+):([\w-]*):(\d{12}|aws|):([^\s"',)\]}]+)/g;
const WORD = /[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]|[A-Za-z0-9]/g;

export function textRedaction(pseudonyms: Pseudonyms, addresses: AddressPseudonyms): TextRedaction {
  const names = new Map<string, string>();
  const id = (text: string): string =>
    text.replace(ID, (_, kind: string, hex: string) => `${kind}-${pseudonyms.hex(`${kind}-${hex}`, hex.length)}`);
  const nodeNames = (text: string): string =>
    text.replace(NODE_NAME, (whole: string, ...parts: string[]) => {
      const address = text4(parts.slice(0, 4).join("."), addresses);
      return address === parts.slice(0, 4).join(".") ? whole : `ip-${address.replaceAll(".", "-")}`;
    });
  const account = (text: string): string => text.replace(ACCOUNT, (number) => pseudonyms.digits(number, 12));

  const name = (text: string): string => {
    if (text === "" || isKeptName(text)) return text;
    const known = names.get(text);
    if (known !== undefined) return known;
    const fresh = KNOWN_DOMAIN.test(text)
      ? nodeNames(text)
      : id(text) !== text && ONLY_ID.test(text)
        ? id(text)
        : `n-${pseudonyms.hex(text, 10)}`;
    names.set(text, fresh);
    return fresh;
  };
  const arn = (partition: string, service: string, region: string, owner: string, resource: string): string => {
    if (owner === "aws") return `arn:${partition}:${service}:${region}:${owner}:${resource}`;
    const parts = resource.split(/([/:])/);
    const told = parts.map((part, at) => (at === 0 || at % 2 === 1 ? part : ONLY_ID.test(part) ? id(part) : name(part)));
    return `arn:${partition}:${service}:${region}:${account(owner)}:${told.join("")}`;
  };
  // One word may be one of many things, "Running" or "1": only sentences are looked through for names.
  const words = (text: string): string =>
    text.includes(" ") ? text.replace(WORD, (word) => (word.length < NAME_LENGTH_MIN ? word : (names.get(word) ?? word))) : text;
  const plain = (text: string): string =>
    words(
      account(
        nodeNames(
          text
            .replace(UUID, (uuid) => `${pseudonyms.hex(uuid, 8)}-0000-4000-8000-${pseudonyms.hex(`${uuid}/`, 12)}`)
            .replace(MAC, (mac) => `02:${(pseudonyms.hex(mac.toLowerCase(), 10).match(/../g) ?? []).join(":")}`)
            .replace(ADDRESS4, (found) => text4(found, addresses))
            .replace(ADDRESS6, (found) => addresses.text6(found)),
        ),
      ),
    );
  return {
    name,
    text: (text) => {
      // An ARN is told part by part, and what was told is not told again.
      let result = "";
      let at = 0;
      for (const found of text.matchAll(ARN)) {
        result += plain(id(text.slice(at, found.index)));
        result += arn(found[1] ?? "", found[2] ?? "", found[3] ?? "", found[4] ?? "", found[5] ?? "");
        at = found.index + found[0].length;
      }
      return result + plain(id(text.slice(at)));
    },
  };
}

/** What is shorter means too much else: a container called "a" must not change every "a" of a sentence. */
const NAME_LENGTH_MIN = 3;
const ONLY_ID = /^(?:[a-z]{1,12}-)?[a-z]{1,12}-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;
