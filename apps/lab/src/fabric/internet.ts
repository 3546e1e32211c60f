import { openNetlink, writeSysctl, type Netlink } from "@slash28/linux";
import { INTERNET } from "./addresses.ts";
import { INTERNET_LINK, UPLINK } from "./names.ts";
import { EVERYWHERE } from "./router-plan.ts";

const MAIN_TABLE = 254;

/** What lies beyond the VPC's internet gateway: one namespace with a few addresses, and a way back only to public addresses. */
export function makeInternet(router: Netlink, path: string): void {
  writeSysctl("net/ipv6/conf/default/disable_ipv6", "1", path);
  router.addLink({ type: "veth", name: INTERNET_LINK, up: true, peer: { name: UPLINK }, peerNamespace: path });
  const length = INTERNET.linkLength;
  router.put({ kind: "address", link: INTERNET_LINK, address: INTERNET.routerSide, length, subnetRoute: true });
  router.put({
    kind: "route",
    table: MAIN_TABLE,
    destination: EVERYWHERE,
    gateway: INTERNET.internetSide,
    link: INTERNET_LINK,
    scope: "global",
  });
  const internet = openNetlink(path);
  try {
    internet.setLink(UPLINK, { up: true });
    internet.put({ kind: "address", link: UPLINK, address: INTERNET.internetSide, length, subnetRoute: true });
    for (const address of [INTERNET.aws, INTERNET.kubernetes, INTERNET.site]) {
      internet.put({ kind: "address", link: "lo", address, length: 32, subnetRoute: false });
    }
    internet.put({
      kind: "route",
      table: MAIN_TABLE,
      destination: INTERNET.publicPool,
      gateway: INTERNET.routerSide,
      link: UPLINK,
      scope: "global",
    });
  } finally {
    internet.close();
  }
}
