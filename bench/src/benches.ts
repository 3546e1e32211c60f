import type { Bench } from "./bench.ts";
import { cni } from "./cni/cni.ts";
import { allocator } from "./core/allocator.ts";
import { ledger } from "./core/ledger.ts";
import { lab } from "./lab/lab.ts";
import { pods } from "./lab/pods.ts";
import { ec2Endpoint } from "./parts/ec2-endpoint.ts";
import { journal } from "./parts/journal.ts";
import { netlink } from "./parts/netlink.ts";

/** Every benchmark, in the order they run. */
export const BENCHES: readonly Bench[] = [allocator, ledger, journal, netlink, ec2Endpoint, cni, lab, pods];
