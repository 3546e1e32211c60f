import type { ModelKernel } from "@slash28/host-network";
import { Fault, type HostNetwork } from "@slash28/ports";
import type { Random } from "@slash28/simulation";
import type { FaultWindows } from "./fault-windows.ts";
import type { Life } from "./life.ts";

export interface KernelPortOptions {
  readonly kernel: ModelKernel;
  readonly windows: FaultWindows;
  readonly random: Random;
  /** The agent changed something. */
  readonly onChange: () => void;
}

/** The modelled kernel as one process calls it. */
export function kernelPortOf(life: Life, { kernel, windows, random, onChange }: KernelPortOptions): HostNetwork {
  const changing = <T>(doing: string, work: () => T): T =>
    life.around(() => {
      onChange();
      if (windows.isOpen("kernel-refuses") && random.chance(0.4)) throw new Fault("KERNEL_REFUSED", { errno: "ENOBUFS", doing });
      return work();
    });
  return {
    applyHost: (wiring) => changing("setting up the host", () => kernel.applyHost(wiring)),
    wirePod: (wiring, netns) => changing("wiring a pod", () => kernel.wirePod(wiring, netns)),
    unwirePod: (wiring, netns) => changing("unwiring a pod", () => kernel.unwirePod(wiring, netns)),
    checkPod: (wiring, netns) => life.around(() => kernel.checkPod(wiring, netns)),
    hasNamespace: (netns) => life.around(() => kernel.hasNamespace(netns)),
    observedPods: (vethPrefix) => life.around(() => kernel.observedPods(vethPrefix)),
    linkMacs: () => life.around(() => kernel.linkMacs()),
  };
}
