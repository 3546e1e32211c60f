/** A running pod on the pod network, as the API server has it. */
export interface PodEntry {
  readonly name: string;
  readonly address: string;
}

/** One node's addresses, as each of those who keep a book of them has them. */
export interface NodeBooks {
  readonly node: string;
  /** The API server. */
  readonly pods: readonly PodEntry[];
  /** The agent: what it holds, and for whom. */
  readonly agent: { readonly held: readonly string[]; readonly holders: readonly PodEntry[] };
  /** EC2: secondary addresses (`/32`) and prefixes (`/28`) of the instance's ENIs. */
  readonly ec2: readonly string[];
  /** The kernel: addresses routed to pods' links, addresses that rules of pods name, and how many pods' links there are. */
  readonly kernel: { readonly routed: readonly string[]; readonly ruled: readonly string[]; readonly links: number };
}

/**
 * Where the books of a quiet cluster disagree, each as a sentence; empty when no address is owned twice and none is lost. Prefixes of one
 * length are compared as text: EC2 hands out aligned ones only.
 */
export function disagreements(books: readonly NodeBooks[]): readonly string[] {
  const everywhere = [
    ...twice(
      books.flatMap(({ pods }) => pods.map((pod) => pod.address)),
      "two pods have",
    ),
    ...twice(
      books.flatMap(({ ec2 }) => ec2),
      "two ENIs have",
    ),
  ];
  return [...everywhere, ...books.flatMap(onNode)];
}

function onNode({ node, pods, agent, ec2, kernel }: NodeBooks): readonly string[] {
  const told = pods.map(({ name, address }) => `${name} ${address}`);
  const kept = agent.holders.map(({ name, address }) => `${name} ${address}`);
  const addresses = pods.map((pod) => pod.address);
  const found = [
    ...missing(told, kept, "the agent does not know that"),
    ...missing(kept, told, "the agent keeps an address for a pod that is not there:"),
    ...missing(agent.held, ec2, "the agent believes to hold, and EC2 does not list,"),
    ...missing(ec2, agent.held, "EC2 lists, and the agent does not hold,"),
    ...missing(addresses, kernel.routed, "the kernel has no route to the pod at"),
    ...missing(kernel.routed, addresses, "the kernel routes to no pod at"),
    ...missing(addresses, kernel.ruled, "the kernel has no rule to the pod at"),
    ...missing([...new Set(kernel.ruled)], addresses, "the kernel has a rule for no pod at"),
    ...twice(kernel.routed, "the kernel has two routes to"),
  ];
  if (kernel.links !== pods.length) found.push(`the kernel has ${kernel.links} pod links for ${pods.length} pods`);
  return found.map((sentence) => `${node}: ${sentence}`);
}

function missing(wanted: readonly string[], from: readonly string[], sentence: string): readonly string[] {
  const there = new Set(from);
  return wanted.filter((each) => !there.has(each)).map((each) => `${sentence} ${each}`);
}

function twice(all: readonly string[], sentence: string): readonly string[] {
  const seen = new Set<string>();
  return all.flatMap((each) => {
    const isSecond = seen.has(each);
    seen.add(each);
    return isSecond ? [`${sentence} ${each}`] : [];
  });
}
