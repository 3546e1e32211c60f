import { beforeEach, describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { ipv4, ipv4FromNumber } from "@slash28/address";
import { createModelKernel, type ModelKernel } from "../src/index.ts";
import { aHost, aPod, mac, PRIMARY, SECOND } from "./wirings.ts";

class Refused extends Error {}

let kernel: ModelKernel;

beforeEach(() => {
  kernel = createModelKernel((code, fields) => new Refused(`${code} ${JSON.stringify(fields)}`));
  kernel.plugLink({ kind: "link", name: "eth0", mac: PRIMARY.mac, mtu: 1500, up: true });
  kernel.addNamespace("/run/netns/web");
});

describe("a host", () => {
  test("doing it twice changes nothing", () => {
    kernel.plugLink({ kind: "link", name: "eth1", mac: SECOND.mac, mtu: 1500, up: false });
    expect(kernel.applyHost(aHost())).not.toEqual([]);
    expect(kernel.applyHost(aHost())).toEqual([]);
    expect(kernel.linkMacs()).toEqual([PRIMARY.mac, SECOND.mac]);
  });

  test("an ENI whose link has not come yet is refused after the rest is done", () => {
    expect(() => kernel.applyHost(aHost())).toThrow(/ENODEV.*02:00:00:00:00:02/);
    expect(kernel.render()).toContain("rule 1024");
  });

  test("an ENI that is unplugged takes its routes along, and its rule is cleared the next time", () => {
    kernel.plugLink({ kind: "link", name: "eth1", mac: SECOND.mac, mtu: 1500, up: false });
    kernel.applyHost(aHost());
    kernel.unplugLink("eth1");
    expect(kernel.render()).not.toContain("dev eth1");
    expect(kernel.applyHost(aHost({ enis: [PRIMARY] }))).toEqual(["removed rule 32765: from 10.0.0.20/32 lookup 2"]);
  });
});

describe("a pod", () => {
  test("wired twice is wired once, with one MAC address", () => {
    const first = kernel.wirePod(aPod(), "/run/netns/web");
    const before = kernel.render();
    expect(kernel.wirePod(aPod(), "/run/netns/web")).toEqual(first);
    expect(kernel.render()).toBe(before);
    expect(kernel.checkPod(aPod(), "/run/netns/web")).toEqual([]);
    expect(kernel.observedPods("eni")).toEqual([{ hostLink: "eni0d7763386da", address: ipv4("10.0.0.64") }]);
  });

  test("unwired leaves nothing; twice is fine", () => {
    const before = kernel.render();
    kernel.wirePod(aPod({ table: 2 }), "/run/netns/web");
    kernel.unwirePod(aPod({ table: 2 }), "/run/netns/web");
    kernel.unwirePod(aPod({ table: 2 }), undefined);
    expect(kernel.render()).toBe(before);
    expect(kernel.render("/run/netns/web")).toBe("");
  });

  test("its namespace takes its link along; what stays on the host is cleared by unwiring", () => {
    const before = kernel.render();
    kernel.wirePod(aPod(), "/run/netns/web");
    kernel.removeNamespace("/run/netns/web");
    expect(kernel.observedPods("eni")).toEqual([]);
    expect(kernel.checkPod(aPod(), "/run/netns/web")).toEqual(["the pod's network namespace /run/netns/web does not exist"]);
    kernel.unwirePod(aPod(), "/run/netns/web");
    expect(kernel.render()).toBe(before);
  });

  test("a pod of the same name in a new namespace takes the old link's place", () => {
    kernel.addNamespace("/run/netns/again");
    kernel.wirePod(aPod(), "/run/netns/web");
    kernel.wirePod(aPod({ address: ipv4("10.0.0.65") }), "/run/netns/again");
    expect(kernel.render("/run/netns/web")).toBe("");
    expect(kernel.checkPod(aPod(), "/run/netns/again")).toContain("the pod lacks address 10.0.0.64/32 dev eth0");
  });

  test("an address that came back on another ENI leaves no rule of the old one", () => {
    kernel.addNamespace("/run/netns/again");
    kernel.wirePod(aPod({ table: 2 }), "/run/netns/web");
    kernel.wirePod(aPod({ hostLink: "eni2", table: 3 }), "/run/netns/again");
    expect(kernel.render().match(/rule 1536.*/g)).toEqual(["rule 1536: from 10.0.0.64/32 lookup 3"]);
  });

  test("without its namespace, or with the link's name taken, it is refused and the host stays as it was", () => {
    const before = kernel.render();
    expect(() => kernel.wirePod(aPod(), "/run/netns/none")).toThrow(/POD_NAMESPACE_GONE.*none/);
    expect(kernel.render()).toBe(before);
    kernel.wirePod(aPod(), "/run/netns/web");
    expect(() => kernel.wirePod(aPod({ hostLink: "eni2", address: ipv4("10.0.0.70") }), "/run/netns/web")).toThrow(/POD_LINK_EXISTS.*eth0/);
  });
});

test("any sequence of wiring and unwiring ends with exactly the pods that are wired", () => {
  const step = fc.record({ wire: fc.boolean(), pod: fc.integer({ min: 0, max: 5 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const model = createModelKernel((code) => new Refused(code));
      const wired = new Set<number>();
      for (const { wire, pod } of steps) {
        const wiring = aPod({
          hostLink: `eni${pod}`,
          address: ipv4FromNumber(ipv4("10.0.0.64") + pod),
          hostMac: mac(`02:aa:00:00:00:0${pod}`),
          table: pod % 2 === 0 ? 254 : 2,
        });
        model.addNamespace(`p${pod}`);
        if (wire) {
          model.wirePod(wiring, `p${pod}`);
          wired.add(pod);
        } else {
          model.unwirePod(wiring, `p${pod}`);
          wired.delete(pod);
        }
      }
      expect(new Set(model.observedPods("eni").map(({ hostLink }) => Number(hostLink.slice(3))))).toEqual(wired);
      expect(model.render().match(/rule 512/g)?.length ?? 0).toBe(wired.size);
      expect(model.render().match(/rule 1536/g)?.length ?? 0).toBe([...wired].filter((pod) => pod % 2 === 1).length);
    }),
  );
});
