import { describe, expect, test } from "vitest";
import { cidr4, formatCidr4, formatIpv4, ipv4 } from "@slash28/address";
import {
  answerTo,
  decodeAddress,
  decodeLinkAnswer,
  decodeNeighbour,
  decodeRoute,
  decodeRule,
  ERRNO,
  NEIGHBOUR_STATE,
  RULE_ACTION,
  SCOPE,
  TABLE,
} from "../src/index.ts";
import { captured } from "./captured.ts";

function payloadsOf(name: Parameters<typeof captured>[0]): readonly Uint8Array[] {
  const answer = answerTo(7, "ends-itself");
  const ends = captured(name).map((datagram) => answer.take(datagram));
  expect(ends.at(-1)).toBe(true);
  expect(ends.slice(0, -1)).not.toContain(true);
  expect(answer.outcome).toEqual({ kind: "done" });
  return answer.frames.map((frame) => frame.payload);
}

describe("what a kernel answered", () => {
  test("addresses, with the flag that keeps the subnet route away", () => {
    const addresses = payloadsOf("addresses").map(decodeAddress);
    expect(addresses).toEqual([
      { index: 1, address: ipv4("127.0.0.1"), length: 8, scope: SCOPE.host, noPrefixRoute: false },
      { index: 2, address: ipv4("10.0.0.20"), length: 24, scope: SCOPE.global, noPrefixRoute: true },
    ]);
  });

  test("routes of all tables, also of those above 255", () => {
    const routes = payloadsOf("routes").map(decodeRoute);
    const lines = routes
      .filter((route) => route !== undefined && route.table !== TABLE.local)
      .map((route) =>
        [
          route?.table,
          route && formatCidr4(route.destination),
          route?.gateway === undefined ? "-" : formatIpv4(route.gateway),
          route?.source === undefined ? "-" : formatIpv4(route.source),
          route?.link,
          route?.scope,
        ].join(" "),
      );
    expect(lines).toEqual(["10101 0.0.0.0/0 10.0.0.1 - 2 0", "10101 10.0.0.1/32 - - 2 253", "254 10.9.0.0/24 - 10.0.0.20 3 253"]);
  });

  test("rules: the three of the kernel and two of our own", () => {
    expect(payloadsOf("rules").map(decodeRule)).toEqual([
      { action: RULE_ACTION.table, table: TABLE.local },
      { action: RULE_ACTION.table, table: TABLE.main, priority: 1024, mark: { value: 0x80, mask: 0x80 } },
      { action: RULE_ACTION.table, table: 2, priority: 1536, from: cidr4("10.0.0.64/32") },
      { action: RULE_ACTION.table, table: TABLE.main, priority: 32766 },
      { action: RULE_ACTION.table, table: 253, priority: 32767 },
    ]);
  });

  test("a permanent neighbour", () => {
    expect(payloadsOf("neighbours").map(decodeNeighbour)).toEqual([
      { index: 2, address: ipv4("169.254.1.1"), state: NEIGHBOUR_STATE.permanent, proxy: false, mac: "02:aa:bb:cc:dd:02" },
    ]);
  });

  test("a link, asked for by name: one message, no acknowledgement", () => {
    const answer = answerTo(7, "one-message");
    for (const datagram of captured("link")) expect(answer.take(datagram)).toBe(true);
    const [frame] = answer.frames;
    const link = decodeLinkAnswer(frame?.payload ?? new Uint8Array());
    expect(link).toMatchObject({
      index: 3,
      name: "eni1",
      mac: "02:aa:bb:cc:dd:01",
      mtu: 9001,
      up: true,
      peerIndex: 2,
      group: 7,
      kind: { type: "veth" },
    });
  });

  test("a refusal carries the kernel's own words", () => {
    const answer = answerTo(7, "ends-itself");
    for (const datagram of captured("refused")) answer.take(datagram);
    expect(answer.outcome).toEqual({ kind: "refused", errno: 101, detail: "Nexthop has invalid gateway" });
  });

  test("a refusal without words", () => {
    const answer = answerTo(7, "one-message");
    for (const datagram of captured("absent")) answer.take(datagram);
    expect(answer.outcome).toEqual({ kind: "refused", errno: ERRNO.ENODEV });
  });
});
