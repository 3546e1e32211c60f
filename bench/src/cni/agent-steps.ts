/** What the agent's histogram of one step adds up to. */
export interface StepSum {
  readonly count: number;
  readonly seconds: number;
}

export const STEPS = ["wire", "wire_and_journal"] as const;
export type Step = (typeof STEPS)[number];
export type StepSums = Readonly<Record<Step, StepSum>>;

const METRIC = "slash28_cni_step_seconds";

/** Reads the agent's step times from its Prometheus text; a step it has not met yet counts nothing. */
export function readSteps(text: string): StepSums {
  const sample = (name: string, step: Step): number => {
    const line = text.split("\n").find((candidate) => candidate.startsWith(`${name}{step="${step}"}`));
    return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(" ") + 1));
  };
  const of = (step: Step): StepSum => ({ count: sample(`${METRIC}_count`, step), seconds: sample(`${METRIC}_sum`, step) });
  return { wire: of("wire"), wire_and_journal: of("wire_and_journal") };
}

/** The mean time of a step between two readings, in milliseconds. */
export function meanStepMs(before: StepSums, after: StepSums, step: Step): number {
  const count = after[step].count - before[step].count;
  if (count === 0) throw new RangeError(`the agent did no ${step} between the readings`);
  return ((after[step].seconds - before[step].seconds) * 1_000) / count;
}

/** The mean times that a call is made of, in milliseconds. */
export interface CallTimes {
  readonly total: number;
  /** A plugin that only says its version: starting it and reading its answer. */
  readonly bare: number;
  /** A plugin that asks the agent something it answers at once. */
  readonly asking: number;
  readonly wire: number;
  readonly wireAndJournal: number;
}

export interface Part {
  readonly name: string;
  readonly ms: number;
  /** Of the total, in percent. */
  readonly share: number;
}

/** Takes a call apart. The journal is written while the kernel works: its part is what is left to wait for after that. */
export function partsOf({ total, bare, asking, wire, wireAndJournal }: CallTimes): readonly Part[] {
  const known = [
    { name: "starting the plugin", ms: bare },
    { name: "IPC", ms: Math.max(0, asking - bare) },
    { name: "netlink", ms: wire },
    { name: "journal", ms: wireAndJournal - wire },
  ];
  const rest = { name: "the rest", ms: Math.max(0, total - known.reduce((sum, { ms }) => sum + ms, 0)) };
  return [...known, rest].map(({ name, ms }) => ({ name, ms, share: (ms / total) * 100 }));
}
