import { ipv4 } from "@slash28/address";
import { describe, expect, test } from "vitest";
import {
  bookOf,
  decodeEntries,
  decodeEntry,
  decodeUpstreamCheckpoint,
  encodeEntry,
  encodeUpstreamCheckpoint,
  replay,
  restoreBook,
  type BookedReservation,
  type JournalEntry,
} from "../src/index.ts";
import { aLedger, eniId, key, T0 } from "./a-node.ts";

const OWNER = { namespace: "default", name: "web-0" };

function reserve(n: number, address: string): JournalEntry {
  return { kind: "reserve", reservation: { key: key(n), address: ipv4(address), eni: eniId(0), owner: OWNER, reservedAt: T0 } };
}

describe("journal lines", () => {
  test("are plain JSON with a version", () => {
    expect(encodeEntry(reserve(1, "10.0.0.20"))).toBe(
      '{"v":1,"kind":"reserve","key":{"networkName":"aws-cni","containerId":"sandbox-1","ifName":"eth0"},"address":"10.0.0.20","eni":"eni-0","owner":{"namespace":"default","name":"web-0"},"at":1700000000000}',
    );
    expect(encodeEntry({ kind: "release", key: key(1), address: ipv4("10.0.0.20"), at: T0 })).toBe(
      '{"v":1,"kind":"release","key":{"networkName":"aws-cni","containerId":"sandbox-1","ifName":"eth0"},"address":"10.0.0.20","at":1700000000000}',
    );
  });

  test("come back as they went", () => {
    const ledger = aLedger("address", ["10.0.0.20/32", "10.0.0.21/32"]);
    ledger.reserve(key(1), OWNER, T0);
    ledger.reserve(key(2), undefined, T0);
    ledger.release(key(2), T0 + 5);
    const entries: JournalEntry[] = [
      { kind: "snapshot", book: bookOf(ledger) },
      reserve(3, "10.0.0.21"),
      { kind: "release", key: key(3), address: ipv4("10.0.0.21"), at: T0 + 9 },
    ];
    expect(decodeEntries(entries.map(encodeEntry))).toEqual({ ok: true, value: entries });
  });

  test.each([
    ["", "NOT_JSON"],
    ['{"v":1,"kind":"reserve"', "NOT_JSON"],
    ["[1]", "NOT_JSON"],
    ['{"v":2,"kind":"reserve"}', "VERSION_UNKNOWN"],
    ['{"kind":"reserve"}', "VERSION_UNKNOWN"],
    ['{"v":1,"kind":"lend"}', "ENTRY_INVALID"],
    ['{"v":1,"kind":"reserve","key":{"networkName":"n","containerId":"c"},"address":"10.0.0.1","at":1}', "ENTRY_INVALID"],
    ['{"v":1,"kind":"reserve","key":{"networkName":"n","containerId":"c","ifName":"eth0"},"address":"10.0.0.256","at":1}', "ENTRY_INVALID"],
    ['{"v":1,"kind":"release","key":{"networkName":"n","containerId":"c","ifName":"eth0"},"address":"10.0.0.1"}', "ENTRY_INVALID"],
    [
      '{"v":1,"kind":"reserve","key":{"networkName":"n","containerId":"c","ifName":"eth0"},"address":"10.0.0.1","at":1,"owner":"web"}',
      "ENTRY_INVALID",
    ],
    ['{"v":1,"kind":"snapshot","reservations":[{}],"released":[]}', "ENTRY_INVALID"],
    ['{"v":1,"kind":"snapshot","reservations":[],"released":[["10.0.0.1"]]}', "ENTRY_INVALID"],
  ])("%s is refused: %s", (line, code) => {
    const decoded = decodeEntry(line);
    expect(decoded.ok ? undefined : decoded.error.code).toBe(code);
    expect(decodeEntries([encodeEntry(reserve(1, "10.0.0.20")), line]).ok).toBe(false);
  });
});

describe("replay", () => {
  test("a repeated reservation is one; a release starts the rest", () => {
    const replayed = replay([
      reserve(1, "10.0.0.20"),
      reserve(1, "10.0.0.20"),
      { kind: "release", key: key(1), address: ipv4("10.0.0.20"), at: T0 + 5 },
    ]);
    expect(replayed).toEqual({ ok: true, value: { reservations: new Map(), released: new Map([[ipv4("10.0.0.20"), T0 + 5]]) } });
  });

  test("an address with two holders, or a holder with two addresses, is refused", () => {
    expect(replay([reserve(1, "10.0.0.20"), reserve(2, "10.0.0.20")])).toMatchObject({ ok: false, error: { code: "ADDRESS_HELD_TWICE" } });
    expect(replay([reserve(1, "10.0.0.20"), reserve(1, "10.0.0.21")])).toMatchObject({ ok: false, error: { code: "KEY_HOLDS_TWO" } });
  });

  test("a reservation whose address no ENI has is handed to the caller", () => {
    const replayed = replay([reserve(1, "10.0.0.20"), reserve(2, "10.0.9.9")]);
    if (!replayed.ok) throw new Error(replayed.error.message);
    const ledger = aLedger("address", ["10.0.0.20/32"]);
    expect(restoreBook(ledger, replayed.value, T0)).toMatchObject({ placed: 1, orphans: [{ key: key(2) }] });
    expect(restoreBook(ledger, replayed.value, T0).placed).toBe(1);
  });

  test("a rest goes on over a restart, and one from the future does not last longer than a cooldown", () => {
    const book = {
      reservations: new Map(),
      released: new Map([
        [ipv4("10.0.0.20"), T0],
        [ipv4("10.0.0.21"), T0 + 9_000_000],
      ]),
    };
    const ledger = aLedger("address", ["10.0.0.20/32", "10.0.0.21/32"]);
    restoreBook(ledger, book, T0 + 10_000);
    expect(ledger.counts(T0 + 29_999).cooling).toBe(2);
    expect(ledger.counts(T0 + 30_000).cooling).toBe(1);
    expect(ledger.counts(T0 + 40_000).cooling).toBe(0);
  });

  test("rests end each at its own time, in whatever order the journal names them", () => {
    const released = new Map([
      [ipv4("10.0.0.22"), T0 + 20_000],
      [ipv4("10.0.0.20"), T0],
      [ipv4("10.0.0.21"), T0 + 10_000],
    ]);
    const ledger = aLedger("address", ["10.0.0.20/32", "10.0.0.21/32", "10.0.0.22/32"]);
    restoreBook(ledger, { reservations: new Map(), released }, T0 + 20_000);
    expect([20_000, 30_000, 40_000, 50_000].map((after) => ledger.counts(T0 + after).cooling)).toEqual([3, 2, 1, 0]);
  });
});

describe("upstream's checkpoint", () => {
  const TEXT =
    '{"version":"vpc-cni-ipam/1","allocations":[' +
    '{"networkName":"aws-cni","containerID":"sandbox-1","ifName":"eth0","ipv4":"10.0.1.5","allocationTimestamp":1754000000000000000,' +
    '"metadata":{"k8sPodNamespace":"ns","k8sPodName":"pod","interfacesCount":1}},' +
    '{"networkName":"_migrated-from-cri","containerID":"c2","ifName":"unknown","ipv4":"10.0.1.6","allocationTimestamp":1754000000123000000,"metadata":{}},' +
    '{"networkName":"aws-cni","containerID":"c3","ifName":"eth0","ipv6":"2001:db8::1","allocationTimestamp":1754000000000000000,"metadata":{}}]}\n';
  const RESERVATIONS: readonly BookedReservation[] = [
    { key: key(1), address: ipv4("10.0.1.5"), owner: { namespace: "ns", name: "pod" }, reservedAt: 1_754_000_000_000 },
    {
      key: { networkName: "_migrated-from-cri", containerId: "c2", ifName: "unknown" },
      address: ipv4("10.0.1.6"),
      reservedAt: 1_754_000_000_123,
    },
  ];

  test("is read; IPv6 is passed over", () => {
    expect(decodeUpstreamCheckpoint(TEXT)).toEqual({ ok: true, value: RESERVATIONS });
  });

  test("is written so that upstream reads it, and so do we", () => {
    const text = encodeUpstreamCheckpoint(RESERVATIONS);
    expect(text).toBe(`${TEXT.slice(0, TEXT.indexOf(',{"networkName":"aws-cni","containerID":"c3"'))}]}\n`);
    expect(decodeUpstreamCheckpoint(text)).toEqual({ ok: true, value: RESERVATIONS });
    expect(decodeUpstreamCheckpoint(encodeUpstreamCheckpoint([]))).toEqual({ ok: true, value: [] });
  });

  test.each([
    ["", "NOT_JSON"],
    ['{"version":"vpc-cni-ipam/2","allocations":[]}', "VERSION_UNKNOWN"],
    ['{"version":"vpc-cni-ipam/1","allocations":{}}', "ENTRY_INVALID"],
    ['{"version":"vpc-cni-ipam/1","allocations":[{"networkName":"n"}]}', "ENTRY_INVALID"],
    ['{"version":"vpc-cni-ipam/1","allocations":[{"networkName":"n","containerID":"c","ifName":"e","ipv4":"x"}]}', "ENTRY_INVALID"],
    [
      '{"version":"vpc-cni-ipam/1","allocations":[{"networkName":"n","containerID":"a","ifName":"e","ipv4":"10.0.0.1"},{"networkName":"n","containerID":"b","ifName":"e","ipv4":"10.0.0.1"}]}',
      "ADDRESS_HELD_TWICE",
    ],
  ])("%s is refused: %s", (text, code) => {
    const decoded = decodeUpstreamCheckpoint(text);
    expect(decoded.ok ? undefined : decoded.error.code).toBe(code);
  });
});
