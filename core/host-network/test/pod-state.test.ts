import { expect, test } from "vitest";
import { podState, renderState } from "../src/index.ts";
import { aPod } from "./wirings.ts";

test("a pod on the primary ENI", () => {
  const { host, pod } = podState(aPod());
  expect(renderState(host)).toBe(
    [
      "link eni0d7763386da address 02:aa:00:00:00:01 mtu 9001 up",
      "route 10.0.0.64/32 dev eni0d7763386da scope link table main",
      "rule 512: from all to 10.0.0.64/32 lookup main",
      "sysctl net/ipv6/conf/eni0d7763386da/accept_ra=0",
      "sysctl net/ipv6/conf/eni0d7763386da/accept_redirects=1",
      "sysctl net/ipv6/conf/eni0d7763386da/forwarding=0",
      "",
    ].join("\n"),
  );
  expect(renderState(pod)).toBe(
    [
      "link eth0 mtu 9001 up",
      "address 10.0.0.64/32 dev eth0",
      "route default via 169.254.1.1 dev eth0 table main",
      "route 169.254.1.1/32 dev eth0 scope link table main",
      "neighbour 169.254.1.1 lladdr 02:aa:00:00:00:01 dev eth0 nud permanent",
      "",
    ].join("\n"),
  );
});

test("a pod on another ENI also sends through that ENI's table", () => {
  expect(renderState(podState(aPod({ table: 3 })).host)).toContain("rule 1536: from 10.0.0.64/32 lookup 3\n");
});
