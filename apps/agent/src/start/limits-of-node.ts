import { limitsOf, type InstanceLimits } from "@slash28/limits";
import { Fault, type Ec2, type Log } from "@slash28/ports";

/**
 * What the node's type allows: from the table, and from EC2 for a type that is newer than the table. Of several network cards the default
 * one counts, which the pods' ENIs are on; EC2's total of all cards would have the agent ask for ENIs that never attach.
 */
export async function limitsOfNode(type: string, ec2: Pick<Ec2, "describeInstanceType">, log: Log): Promise<InstanceLimits> {
  const known = limitsOf(type);
  if (known !== undefined) return known;
  const told = await ec2.describeInstanceType(type);
  const maxEnis = told.networkCards.find((card) => card.index === told.defaultNetworkCard)?.maxEnis ?? 0;
  if (maxEnis < 1 || told.ipv4PerEni < 1)
    throw new Fault("EC2_FAILED", {
      api: "DescribeInstanceTypes",
      code: "UnexpectedAnswer",
      detail: `${type} is said to take no ENI or no address`,
    });
  log.info("the instance type is not in the table of limits; EC2 told", { type, enis: maxEnis, addressesPerEni: told.ipv4PerEni });
  const { hypervisor, bareMetal, ipv4PerEni, networkCards, defaultNetworkCard, vcpus, memoryMiB } = told;
  const onBranches = { branchInterfaces: undefined, trunkingCompatible: false };
  return { type, maxEnis, ipv4PerEni, hypervisor, bareMetal, vcpus, memoryMiB, networkCards, defaultNetworkCard, ...onBranches };
}
