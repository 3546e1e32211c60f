/** What an agent's node was doing when it was killed; a kill can be in several. */
export interface During {
  /** The agent itself had run for less than a second. */
  readonly agentStart: number;
  readonly podsStarting: number;
  readonly podsEnding: number;
  readonly rest: number;
}

export interface SoakReport {
  readonly kills: number;
  /** TCP connections that visitors opened to pods and to a service. */
  readonly connections: number;
  /** Connections to running pods that were refused, cut, or left without an answer. */
  readonly failed: number;
  /** Addresses that had two owners at one time. */
  readonly doubles: number;
  /** Addresses, links, routes, rules, ENIs or ledger entries that nobody needs any more and that stayed. */
  readonly leaks: number;
  readonly seconds: number;
  readonly seed: number;
  /** Pods that came while it went on. */
  readonly pods: number;
  readonly requests: number;
  readonly during: During;
  /** Everything that went wrong, as sentences; also what fits none of the figures. */
  readonly findings: readonly string[];
}

export function isClean({ failed, doubles, leaks, findings }: SoakReport): boolean {
  return failed + doubles + leaks + findings.length === 0;
}

/** Counts of a run that goes on. */
export class Tally {
  readonly #started: number;
  readonly #now: () => number;
  readonly #findings: string[] = [];
  readonly #during = { agentStart: 0, podsStarting: 0, podsEnding: 0, rest: 0 };
  readonly #counts = { kills: 0, failed: 0, doubles: 0, leaks: 0 };
  /** Per visitor: the latest it told. */
  readonly #traffic = new Map<string, { readonly connections: number; readonly requests: number }>();

  constructor(now: () => number) {
    this.#now = now;
    this.#started = now();
  }

  killed(states: readonly Exclude<keyof During, "rest">[]): void {
    this.#counts.kills++;
    for (const state of states) this.#during[state]++;
    if (states.length === 0) this.#during.rest++;
  }

  talked(visitor: string, traffic: { readonly connections: number; readonly requests: number }): void {
    this.#traffic.set(visitor, traffic);
  }

  found(kind: "failed" | "doubles" | "leaks" | "other", sentence: string): void {
    if (kind !== "other") this.#counts[kind]++;
    this.#findings.push(`${((this.#now() - this.#started) / 1_000).toFixed(1)} s: ${sentence}`);
  }

  get kills(): number {
    return this.#counts.kills;
  }

  report(seed: number, pods: number): SoakReport {
    const sum = (of: "connections" | "requests"): number => [...this.#traffic.values()].reduce((total, each) => total + each[of], 0);
    const { kills, ...wrong } = this.#counts;
    return {
      kills,
      connections: sum("connections"),
      ...wrong,
      seconds: Math.round((this.#now() - this.#started) / 1_000),
      seed,
      pods,
      requests: sum("requests"),
      during: { ...this.#during },
      findings: [...this.#findings],
    };
  }
}
