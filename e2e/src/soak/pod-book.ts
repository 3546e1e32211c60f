/** One pod as a watch shows it. */
export interface PodSeen {
  readonly uid: string;
  readonly name: string;
  readonly node?: string;
  readonly phase: string;
  readonly address?: string;
  /** Its deletion was asked for: from now on its address is not its own for sure. */
  readonly isEnding: boolean;
}

export interface PodChange {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly pod: PodSeen;
}

/** Where the pods of one node are. */
export interface NodePods {
  readonly starting: number;
  readonly running: number;
  readonly ending: number;
}

/**
 * Who owns which address, from the changes of all pods in order. A pod owns its address from when it is told until its deletion is asked
 * for: two owners at one moment are a double, and this sees it when the second one comes.
 */
export class PodBook {
  readonly #pods = new Map<string, PodSeen>();
  readonly #owners = new Map<string, Set<string>>();
  #seen = 0;

  /** Takes a change; gives a sentence for each owner the pod's address already has. */
  note({ type, pod }: PodChange): readonly string[] {
    const before = this.#pods.get(pod.uid);
    if (before === undefined) this.#seen++;
    if (type === "DELETED") this.#pods.delete(pod.uid);
    else this.#pods.set(pod.uid, pod);
    const now = type === "DELETED" ? undefined : ownedBy(pod);
    const was = before === undefined ? undefined : ownedBy(before);
    if (was === now) return [];
    if (was !== undefined) this.#owners.get(was)?.delete(pod.uid);
    return now === undefined ? [] : this.#own(pod, now);
  }

  #own(pod: PodSeen, address: string): readonly string[] {
    const owners = this.#owners.get(address) ?? new Set();
    this.#owners.set(address, owners);
    const others = [...owners].map((uid) => this.#pods.get(uid));
    owners.add(pod.uid);
    return others.map((other) => `${address} belongs to ${pod.name} on ${pod.node} while ${other?.name} on ${other?.node} has it`);
  }

  /** Runs and is not about to end. */
  isRunning(uid: string): boolean {
    const pod = this.#pods.get(uid);
    return pod !== undefined && pod.phase === "Running" && !pod.isEnding;
  }

  on(node: string): NodePods {
    const counts = { starting: 0, running: 0, ending: 0 };
    for (const pod of this.#pods.values()) if (pod.node === node) counts[stateOf(pod)]++;
    return counts;
  }

  /** All pods there ever were. */
  get seen(): number {
    return this.#seen;
  }
}

function ownedBy(pod: PodSeen): string | undefined {
  return pod.isEnding || pod.phase === "Succeeded" || pod.phase === "Failed" ? undefined : pod.address;
}

function stateOf(pod: PodSeen): keyof NodePods {
  if (pod.isEnding) return "ending";
  return pod.phase === "Running" ? "running" : "starting";
}

/** Columns that tell of a pod's change what this book wants, for `kubectl get -w --output-watch-events -o custom-columns=…`. */
export const CHANGE_COLUMNS = [
  "TYPE:.type",
  "UID:.object.metadata.uid",
  "NAME:.object.metadata.name",
  "NODE:.object.spec.nodeName",
  "PHASE:.object.status.phase",
  "IP:.object.status.podIP",
  "ENDS:.object.metadata.deletionTimestamp",
].join(",");

/** Reads a line of such a watch, without headers; nothing for lines that are none. */
export function readChange(line: string): PodChange | undefined {
  const [type, uid, name, node, phase, address, ends] = line.trim().split(/\s+/);
  if (type !== "ADDED" && type !== "MODIFIED" && type !== "DELETED") return undefined;
  if (uid === undefined || name === undefined || phase === undefined) return undefined;
  return {
    type,
    pod: { uid, name, phase, isEnding: isTold(ends), ...(isTold(node) ? { node } : {}), ...(isTold(address) ? { address } : {}) },
  };
}

function isTold(cell: string | undefined): cell is string {
  return cell !== undefined && cell !== "<none>";
}
