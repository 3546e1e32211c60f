import { ipv4, localMac, offsetIpv4 } from "@slash28/address";
import type { PodWiring } from "@slash28/host-network";
import { createHostNetwork, createNamespace, deleteNamespace } from "@slash28/linux";
import { elapsedMs, type Bench } from "../bench.ts";
import { spread } from "../figures/percentiles.ts";
import { namespaceName } from "../namespaces.ts";

const PODS = 110;
const MAIN_TABLE = 254;

/** A pod's veth pair, addresses, routes and rules, in one call of the agent's network driver. */
export const netlink: Bench = {
  name: "netlink",
  about: "adapters/linux: wire and unwire 110 pods in a private namespace",
  needs: "root",
  run({ say, undo }) {
    say("wiring 110 pods");
    const make = (name: string): string => {
      const full = namespaceName(name);
      undo.add(`the namespace ${full}`, () => deleteNamespace(full));
      return createNamespace(full);
    };
    const network = createHostNetwork({ namespace: make("host") });
    undo.add("the host's sockets", () => network.close());
    const pods = Array.from({ length: PODS }, (_, at) => ({ netns: make(`pod-${at}`), wiring: wiringOf(at) }));
    const wiring = pods.map((pod) => elapsedMs(() => network.wirePod(pod.wiring, pod.netns)));
    const again = pods.map((pod) => elapsedMs(() => network.wirePod(pod.wiring, pod.netns)));
    const unwiring = pods.map((pod) => elapsedMs(() => network.unwirePod(pod.wiring, pod.netns)));
    return Promise.resolve([
      ...spread("wire a pod", wiring, { note: `${PODS} pods, one after another` }),
      ...spread("wire a pod that is wired", again, { note: "looks, and changes nothing" }),
      ...spread("unwire a pod", unwiring, { note: "the link is deleted later, in a batch" }),
    ]);
  },
};

function wiringOf(at: number): PodWiring {
  return {
    address: offsetIpv4(ipv4("10.0.1.0"), at),
    gateway: ipv4("169.254.1.1"),
    hostLink: `eni${at}`,
    podLink: "eth0",
    mtu: 9001,
    hostMac: localMac(Uint8Array.of(2, 0xaa, 0, 0, 0, at)),
    table: MAIN_TABLE,
  };
}
