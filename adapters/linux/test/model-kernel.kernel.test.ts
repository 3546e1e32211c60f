import { afterEach, beforeEach, expect, test } from "vitest";
import { createModelKernel, renderState } from "@slash28/host-network";
import { Fault, type HostNetwork } from "@slash28/ports";
import { createHostNetwork, type LinuxHostNetwork } from "../src/index.ts";
import { aHost, aPod, hostWorld, PRIMARY, SECOND, type HostWorld } from "./host-world.ts";

let world: HostWorld;
let network: LinuxHostNetwork;

beforeEach(() => {
  world = hostWorld();
  network = createHostNetwork({ namespace: world.namespaces.path("host"), linkDeleteDelayMs: 0 });
});

afterEach(() => {
  network.close();
  world.close();
});

/** Routes and rules that wiring makes: without those of the operating system and the kernel. */
function wiredText(text: string): readonly string[] {
  return text.split("\n").filter((line) => /^(route|rule)/.test(line) && !/dev eth0|lookup (local|default)|rule 32766/.test(line));
}

test("the model and the kernel end alike after the same calls", () => {
  const model = createModelKernel((code, fields) => new Fault(code, fields));
  model.plugLink({ kind: "link", name: "eth0", mac: PRIMARY.mac, mtu: 1500, up: true });
  model.plugLink({ kind: "link", name: "eth1", mac: SECOND.mac, mtu: 1500, up: false });
  for (const n of [0, 1, 2, 3]) model.addNamespace(world.namespaces.make(`p${n}`));

  const calls = (host: HostNetwork): readonly unknown[] => [
    // Not what the kernel has from the start, which the model does not know.
    host.applyHost(aHost({ tcpEarlyDemux: false })).toSorted(),
    [0, 1, 2].map((n) => host.wirePod(aPod(n), world.namespaces.path(`p${n}`)) !== undefined),
    host.unwirePod(aPod(1), world.namespaces.path("p1")),
    host.wirePod(aPod(3, { address: aPod(1).address, table: 254 }), world.namespaces.path("p3")) !== undefined,
    host.checkPod(aPod(0), world.namespaces.path("p0")),
    host.observedPods("eni").toSorted((a, b) => (a.hostLink < b.hostLink ? -1 : 1)),
    host
      .applyHost(aHost({ enis: [PRIMARY], nodePorts: false, snat: { mode: "external" } }))
      .filter((change) => !change.includes("nftables"))
      .toSorted(),
  ];

  expect(calls(model)).toEqual(calls(network));
  expect(wiredText(model.render())).toEqual(wiredText(renderState([...world.host.routes(), ...world.host.rules()])));
});
