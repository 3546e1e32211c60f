import { expect, test } from "vitest";
import * as fc from "fast-check";
import { cidr4Of, ipv4FromNumber, localMac, type Cidr4, type Ipv4, type Mac } from "@slash28/address";
import {
  AttributeReader,
  decodeAddress,
  decodeLink,
  decodeNeighbour,
  decodeRoute,
  decodeRule,
  encodeAddress,
  encodeLink,
  encodeNeighbour,
  encodeRoute,
  encodeRule,
  PayloadWriter,
  type AddressMessage,
  type LinkKind,
  type LinkMessage,
  type NeighbourMessage,
  type RouteMessage,
  type RuleMessage,
} from "../src/index.ts";

const u8 = fc.integer({ min: 0, max: 255 });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const index = fc.integer({ min: 1, max: 0x7fffffff });
const table = fc.integer({ min: 1, max: 0xffffffff });
const address: fc.Arbitrary<Ipv4> = u32.map(ipv4FromNumber);
const mac: fc.Arbitrary<Mac> = fc.uint8Array({ minLength: 6, maxLength: 6 }).map(localMac);
const range: fc.Arbitrary<Cidr4> = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([base, length]) => cidr4Of(base, length));
const linkName = fc.stringMatching(/^[a-z][a-z0-9.]{0,14}$/);

const arbAddress: fc.Arbitrary<AddressMessage> = fc.record({
  index,
  address,
  length: fc.integer({ min: 0, max: 32 }),
  scope: u8,
  noPrefixRoute: fc.boolean(),
});

const arbRoute: fc.Arbitrary<RouteMessage> = fc.record(
  {
    table,
    destination: range,
    type: u8,
    scope: u8,
    protocol: u8,
    onlink: fc.boolean(),
    gateway: address,
    link: index,
    source: address,
    priority: u32,
  },
  { requiredKeys: ["table", "destination", "type", "scope", "protocol", "onlink"] },
);

const arbRule: fc.Arbitrary<RuleMessage> = fc.record(
  {
    action: u8,
    table: fc.oneof(fc.constant(0), table),
    priority: u32,
    from: range,
    to: range,
    mark: fc.record({ value: u32, mask: u32 }),
    inputLink: linkName,
    outputLink: linkName,
    ipProtocol: u8,
  },
  { requiredKeys: ["action", "table"] },
);

const arbNeighbour: fc.Arbitrary<NeighbourMessage> = fc.record(
  { index, address, state: fc.integer({ min: 0, max: 0xffff }), proxy: fc.boolean(), mac },
  { requiredKeys: ["index", "address", "state", "proxy"] },
);

const plainLink: fc.Arbitrary<LinkMessage> = fc.record(
  {
    index,
    up: fc.boolean(),
    name: linkName,
    mac,
    mtu: u32,
    peerIndex: u32,
    master: u32,
    group: u32,
    namespaceFd: u32,
    peerNamespaceId: u32,
    queues: u32,
    answerMask: u32,
  },
  { requiredKeys: [] },
);

const arbKind: fc.Arbitrary<LinkKind> = fc.oneof(
  fc.record({ type: fc.constant("veth" as const), peer: plainLink }, { requiredKeys: ["type"] }),
  fc.constant<LinkKind>({ type: "bridge" }),
  fc.constant<LinkKind>({ type: "dummy" }),
  fc.record({ type: fc.constant("vlan" as const), vlanId: fc.integer({ min: 0, max: 4094 }) }),
);

const arbLink: fc.Arbitrary<LinkMessage> = fc
  .tuple(plainLink, fc.option(arbKind, { nil: undefined }))
  .map(([link, kind]) => (kind === undefined ? link : { ...link, kind }));

test("an address comes back as it went", () => {
  fc.assert(
    fc.property(arbAddress, (message) => {
      expect(decodeAddress(encodeAddress(message))).toEqual(message);
    }),
  );
});

test("a route comes back as it went", () => {
  fc.assert(
    fc.property(arbRoute, (message) => {
      expect(decodeRoute(encodeRoute(message))).toEqual(message);
    }),
  );
});

test("a rule comes back as it went", () => {
  fc.assert(
    fc.property(arbRule, (message) => {
      expect(decodeRule(encodeRule(message))).toEqual(message);
    }),
  );
});

test("a neighbour comes back as it went", () => {
  fc.assert(
    fc.property(arbNeighbour, (message) => {
      expect(decodeNeighbour(encodeNeighbour(message))).toEqual(message);
    }),
  );
});

test("a link comes back as it went, its peer inside it", () => {
  fc.assert(
    fc.property(arbLink, (message) => {
      expect(decodeLink(encodeLink(message))).toEqual(message);
    }),
  );
});

test("attributes of any length come back, padded to four bytes each", () => {
  const arbAttributes = fc.uniqueArray(fc.record({ type: fc.integer({ min: 0, max: 0x3fff }), data: fc.uint8Array({ maxLength: 100 }) }), {
    maxLength: 6,
    selector: ({ type }) => type,
  });
  fc.assert(
    fc.property(arbAttributes, (attributes) => {
      const writer = new PayloadWriter();
      writer.structure(8);
      for (const { type, data } of attributes) writer.bytes(type, data);
      const payload = writer.finish();
      expect(payload.length % 4).toBe(0);
      const reader = new AttributeReader(payload, 8);
      for (const { type, data } of attributes) expect(Uint8Array.from(reader.bytes(type) ?? [])).toEqual(data);
      expect(reader.bytes(0x3fff + 1)).toBeUndefined();
    }),
  );
});

test("messages of another family are not mistaken for IPv4", () => {
  const AF_INET6 = 10;
  for (const decode of [decodeAddress, decodeRoute, decodeRule, decodeNeighbour]) {
    expect(decode(Uint8Array.of(AF_INET6, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))).toBeUndefined();
  }
});

test("a route to 10.0.0.7/32 over link 3, byte by byte", () => {
  const route = encodeRoute({
    table: 254,
    destination: cidr4Of(ipv4FromNumber(0x0a000007), 32),
    type: 1,
    scope: 253,
    protocol: 4,
    onlink: false,
    link: 3,
  });
  const hex = Array.from(route, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  expect(hex).toBe(
    [
      "02 20 00 00 fe 04 fd 01 00 00 00 00", // struct rtmsg
      "08 00 0f 00 fe 00 00 00", // table
      "08 00 01 00 0a 00 00 07", // destination
      "08 00 04 00 03 00 00 00", // link
    ].join(" "),
  );
});
