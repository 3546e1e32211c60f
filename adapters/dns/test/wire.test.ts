import { test as property, fc } from "@fast-check/vitest";
import packet from "dns-packet";
import { describe, expect, test } from "vitest";
import type { DnsRecord, DnsReply } from "@slash28/cluster-dns";
import { decodeQuery, decodeReply, encodeFault, encodeQuery, encodeReply, TCP_SIZE, udpLimitOf, type DnsQuery } from "../src/index.ts";

const UPPER = packet.encode({
  type: "query",
  id: 7,
  flags: packet.RECURSION_DESIRED,
  questions: [{ name: "WEB.Shop.example", type: "A" }],
});

function queryOf(bytes: Uint8Array): DnsQuery {
  const decoded = decodeQuery(bytes);
  if (decoded.kind !== "query") throw new Error(decoded.kind);
  return decoded.query;
}

const reply = (answers: readonly DnsRecord[], more: Partial<DnsReply> = {}): DnsReply => ({
  rcode: "NOERROR",
  isAuthoritative: true,
  answers,
  authority: [],
  additional: [],
  ...more,
});
const a = (index: number): DnsRecord => ({ type: "A", name: "web.shop.example", ttl: 5, address: `10.0.${index >> 8}.${index & 255}` });

describe("an answer", () => {
  test("repeats the question as it was written, and points to it", () => {
    const query = queryOf(UPPER);
    expect(query.question).toEqual({ name: "web.shop.example", type: "A" });
    const bytes = encodeReply(query, reply([a(1)]), 512);
    // Header, question, and a record that is a pointer and fourteen bytes.
    expect(bytes.length).toBe(UPPER.length + 16);
    const decoded = packet.decode(Buffer.from(bytes));
    expect(decoded).toMatchObject({ id: 7, flag_aa: true, flag_rd: true, flag_ra: true, flag_tc: false, rcode: "NOERROR" });
    expect(decoded.questions?.[0]?.name).toBe("WEB.Shop.example");
    expect(decoded.answers).toMatchObject([{ name: "WEB.Shop.example", type: "A", data: "10.0.0.1", ttl: 5 }]);
  });
  test("of every kind comes through", () => {
    const name = "web.shop.example";
    const records: DnsRecord[] = [
      { type: "AAAA", name, ttl: 1, address: "fd00::5" },
      { type: "CNAME", name, ttl: 2, target: "other.example" },
      { type: "SRV", name, ttl: 3, priority: 0, weight: 50, port: 80, target: "a.web.shop.example" },
      {
        type: "SOA",
        name: "example",
        ttl: 5,
        mname: "ns.example",
        rname: "me.example",
        serial: 1,
        refresh: 2,
        retry: 3,
        expire: 4,
        minimum: 5,
      },
      { type: "PTR", name: "elsewhere", ttl: 6, target: "x.example" },
    ];
    const bytes = encodeReply(queryOf(encodeQuery(9, { name, type: "ANY" })), reply(records), TCP_SIZE);
    expect(decodeReply(bytes, 9, { name, type: "ANY" })?.answers).toEqual(records);
  });
  test("too long for a client without EDNS is cut and says so; over TCP it is whole", () => {
    const query = queryOf(UPPER);
    expect(udpLimitOf(query)).toBe(512);
    const many = reply(Array.from({ length: 100 }, (_, index) => a(index)));
    const cut = packet.decode(Buffer.from(encodeReply(query, many, 512)));
    expect(cut.flag_tc).toBe(true);
    expect(cut.answers?.length).toBe(Math.floor((512 - UPPER.length) / 16));
    const whole = packet.decode(Buffer.from(encodeReply(query, many, TCP_SIZE)));
    expect([whole.flag_tc, whole.answers?.length]).toEqual([false, 100]);
  });
  test("leaves out what only comes along before it is cut", () => {
    const additional = Array.from({ length: 100 }, (_, index) => a(index));
    const decoded = packet.decode(Buffer.from(encodeReply(queryOf(UPPER), reply([a(1)], { additional }), 512)));
    expect(decoded.flag_tc).toBe(false);
    expect(decoded.answers?.length).toBe(1);
  });
  test("to a client with EDNS may be longer, and carries EDNS itself", () => {
    const query = queryOf(encodeQuery(1, { name: "web.shop.example", type: "A" }));
    expect(udpLimitOf(query)).toBe(1_232);
    const decoded = packet.decode(Buffer.from(encodeReply(query, reply([a(1)]), 1_232)));
    expect(decoded.additionals).toMatchObject([{ type: "OPT", udpPayloadSize: 1_232 }]);
  });
  test("that no name on the wire can carry is not written", () => {
    expect(() =>
      encodeReply(queryOf(UPPER), reply([{ type: "CNAME", name: "x", ttl: 1, target: `${"a".repeat(64)}.example` }]), 512),
    ).toThrow(RangeError);
  });
});

describe("a query that cannot be answered", () => {
  test.each([
    ["an update", { flags: 5 << 11 }, "NOTIMP"],
    ["two questions", { questions: [1, 2] }, "FORMERR"],
    ["another class", { class: "CH" }, "REFUSED"],
    ["a later EDNS", { edns: 1 }, "BADVERS"],
  ] as const)("%s", (_, change, fault) => {
    const bytes = packet.encode({
      type: "query",
      id: 3,
      flags: "flags" in change ? change.flags : 0,
      questions: ("questions" in change ? change.questions : [1]).map(() => ({
        name: "a",
        type: "A",
        class: "class" in change ? change.class : "IN",
      })),
      additionals:
        "edns" in change
          ? [{ type: "OPT", name: ".", udpPayloadSize: 1232, extendedRcode: 0, ednsVersion: 1, flags: 0, flag_do: false, options: [] }]
          : [],
    });
    const decoded = decodeQuery(bytes);
    expect(decoded).toMatchObject({ kind: "fault", fault, id: 3 });
    if (decoded.kind === "fault") expect(packet.decode(Buffer.from(encodeFault(3, decoded.opcode, fault))).id).toBe(3);
  });
  test("an answer is not answered", () => {
    expect(decodeQuery(packet.encode({ type: "response", id: 1 })).kind).toBe("noise");
  });
});

property.prop([fc.uint8Array({ maxLength: 600 })])("no bytes make the decoder throw, and what it accepts can be answered", (bytes) => {
  const decoded = decodeQuery(bytes);
  if (decoded.kind === "query") expect(encodeReply(decoded.query, reply([]), 512).length).toBeLessThanOrEqual(512 + bytes.length);
});

property.prop([fc.nat(UPPER.length - 1), fc.nat(255)])("one damaged byte of a query makes nothing throw", (at, value) => {
  const bytes = Uint8Array.from(UPPER);
  bytes[at] = value;
  const decoded = decodeQuery(bytes);
  if (decoded.kind === "query") encodeReply(decoded.query, reply([]), 512);
});

property.prop([fc.uint8Array({ maxLength: 600 })])("no bytes make the client throw", (bytes) => {
  expect(decodeReply(bytes, 1, { name: "a", type: "A" })).toBeUndefined();
});

test("an answer to another question, or with another id, is none", () => {
  const bytes = encodeReply(queryOf(encodeQuery(9, { name: "a.example", type: "A" })), reply([]), 512);
  expect(decodeReply(bytes, 9, { name: "a.example", type: "A" })?.rcode).toBe("NOERROR");
  expect(decodeReply(bytes, 8, { name: "a.example", type: "A" })).toBeUndefined();
  expect(decodeReply(bytes, 9, { name: "b.example", type: "A" })).toBeUndefined();
  expect(decodeReply(bytes, 9, { name: "a.example", type: "AAAA" })).toBeUndefined();
});
