import type { EniId, Mac } from "@slash28/address";
import { createModelKernel, type ModelKernel } from "@slash28/host-network";
import { Fault, type Ec2, type HostNetwork } from "@slash28/ports";

/** Namespaces of pods without a kernel: `simulated:<id>`. */
const MODELLED = "simulated:";

export function isModelled(netns: string): boolean {
  return netns.startsWith(MODELLED);
}

/**
 * A host without a kernel: the wiring is kept in memory and carries no packets. ENIs that EC2 attaches get a link; pods' namespaces are
 * there as soon as they are named.
 */
export function simulatedNetwork(ec2: Ec2): { readonly network: HostNetwork; readonly ec2: Ec2 } {
  const kernel = createModelKernel((code, fields) => new Fault(code, fields));
  const enter = (netns: string): void => {
    if (isModelled(netns)) kernel.addNamespace(netns);
  };
  return {
    network: {
      applyHost: (wiring) => kernel.applyHost(wiring),
      wirePod(wiring, netns) {
        enter(netns);
        return kernel.wirePod(wiring, netns);
      },
      unwirePod: (wiring, netns) => kernel.unwirePod(wiring, netns),
      checkPod(wiring, netns) {
        enter(netns);
        return kernel.checkPod(wiring, netns);
      },
      hasNamespace: (netns) => isModelled(netns) || kernel.hasNamespace(netns),
      observedPods: (vethPrefix) => kernel.observedPods(vethPrefix),
      linkMacs: () => kernel.linkMacs(),
    },
    ec2: plugging(ec2, kernel),
  };
}

/** Plays the hardware: what EC2 says is attached has a link. */
function plugging(ec2: Ec2, kernel: ModelKernel): Ec2 {
  const plug = (
    enis: readonly { readonly id: EniId; readonly mac: Mac; readonly attachment?: { readonly deviceIndex: number } }[],
  ): void => {
    for (const { mac, attachment } of enis)
      if (attachment !== undefined && !kernel.linkMacs().includes(mac))
        kernel.plugLink({ kind: "link", name: `eth${attachment.deviceIndex}`, mac, mtu: 1500, up: true });
  };
  return {
    ...ec2,
    async describeAttachedEnis(instanceId) {
      const enis = await ec2.describeAttachedEnis(instanceId);
      plug(enis);
      return enis;
    },
    async attachEni(eniId, instanceId, deviceIndex, networkCard) {
      const attachment = await ec2.attachEni(eniId, instanceId, deviceIndex, networkCard);
      const [eni] = await ec2.describeEnis([eniId]);
      if (eni !== undefined) plug([{ id: eni.id, mac: eni.mac, attachment: { deviceIndex } }]);
      return attachment;
    },
  };
}
