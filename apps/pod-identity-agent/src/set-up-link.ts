import { ipv4, ipv6 } from "@slash28/address";
import { Fault, type Log } from "@slash28/ports";
import type { Netlink } from "@slash28/linux";

/** The link that has the agent's addresses, where the kernel has dummy links. */
export const AGENT_LINK = "pod-id-link0";
const LOOPBACK = "lo";
const ADDRESS = ipv4("169.254.170.23");
const ADDRESS_6 = ipv6("fd00:ec2::23");
const HOST_LENGTH = 32;
const HOST_LENGTH_6 = 128;
const MAIN_TABLE = 254;

/**
 * Puts the agent's addresses on this host; done twice it changes nothing. They belong on a dummy link of their own. A kernel without dummy links has
 * them on its loopback link instead: pods reach them as well, because an address is the host's own whatever link it is on.
 */
export function setUpLink(netlink: Netlink, log: Log): void {
  const link = agentLink(netlink, log);
  const isOwn = link === AGENT_LINK;
  const destination = { base: ADDRESS, length: HOST_LENGTH };
  const other = isOwn
    ? netlink
        .routes(MAIN_TABLE)
        .find((route) => route.destination.base === ADDRESS && route.destination.length === HOST_LENGTH && route.link !== link)
    : undefined;
  if (other !== undefined) {
    throw new Error(
      `169.254.170.23 is routed to ${other.link} already; remove that route (ip route del 169.254.170.23/32 dev ${other.link}) and start again`,
    );
  }
  netlink.put({ kind: "address", link, address: ADDRESS, length: HOST_LENGTH, subnetRoute: false });
  if (isOwn) {
    netlink.setLink(link, { up: true });
    netlink.put({ kind: "route", table: MAIN_TABLE, destination, link, scope: "link" });
  }
  log.info("the agent's IPv4 address is there", { link });
  setUpIpv6(netlink, link, log);
}

/** A host without IPv6 serves its pods by IPv4. */
function setUpIpv6(netlink: Netlink, link: string, log: Log): void {
  try {
    netlink.putIpv6({ kind: "address", link, address: ADDRESS_6, length: HOST_LENGTH_6 });
    if (link === AGENT_LINK) {
      const destination = { base: ADDRESS_6, length: HOST_LENGTH_6 };
      netlink.putIpv6({ kind: "route", table: MAIN_TABLE, destination, link });
    }
    log.info("the agent's IPv6 address is there", { link });
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    log.warn("this host takes no IPv6 address; pods reach the agent by IPv4", { link, detail: cause.message });
  }
}

function agentLink(netlink: Netlink, log: Log): string {
  if (netlink.link(AGENT_LINK) !== undefined) return AGENT_LINK;
  try {
    netlink.addLink({ type: "dummy", name: AGENT_LINK });
    return AGENT_LINK;
  } catch (cause) {
    if (!(cause instanceof Fault) || !/EOPNOTSUPP/.test(String(cause.fields["errno"]))) throw cause;
    log.warn("this kernel has no dummy links; the agent's addresses go to the loopback link", { detail: cause.message });
    return LOOPBACK;
  }
}
