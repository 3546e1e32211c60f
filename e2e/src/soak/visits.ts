import { fileURLToPath } from "node:url";
import type { LabUnderTest } from "../lab-under-test.ts";
import type { Followed } from "../run.ts";
import type { PodBook } from "./pod-book.ts";
import type { Tally } from "./tally.ts";

const VISITOR = fileURLToPath(new URL("./visitor.mjs", import.meta.url));
/** A pod whose end was asked for may be gone before the watch has told: what fails counts if the pod still runs so much later. */
const TOLD_WITHIN_MS = 2_000;

export interface Visited {
  /** A pod's uid, or any name for what is visited through the whole run. */
  readonly key: string;
  readonly host: string;
  /** The pod that must answer; absent, anyone may. */
  readonly pod?: string;
  readonly pauseMs: number;
  /** Stays through the whole run: every failure counts. */
  readonly isSteady: boolean;
}

type Told =
  | { readonly failed: string; readonly why: string }
  | { readonly answered: string; readonly page: string }
  | { readonly connections: number; readonly requests: number };

/** The visiting program in one visitor pod. */
export interface Visitor {
  readonly visit: (visited: Visited) => void;
  readonly leave: (key: string) => void;
  readonly stop: () => Promise<void>;
}

export interface VisitorParts {
  readonly lab: LabUnderTest;
  readonly book: PodBook;
  readonly tally: Tally;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Starts visiting from a pod; what goes wrong on the way to running pods ends in the tally. */
export function startVisitor(pod: string, { lab, book, tally, sleep }: VisitorParts): Visitor {
  const visits = new Map<string, Visited>();
  const judging = new Set<Promise<void>>();
  let isStopped = false;

  const judge = async (key: string, kind: "failed" | "doubles", sentence: string): Promise<void> => {
    const visited = visits.get(key);
    if (visited === undefined || isStopped) return;
    if (!visited.isSteady) {
      await sleep(TOLD_WITHIN_MS);
      if (!book.isRunning(key)) return;
    }
    tally.found(kind, `${pod}: ${sentence}`);
  };
  const hear = (line: string): void => {
    const told = JSON.parse(line) as Told;
    if ("connections" in told) return tally.talked(pod, told);
    const [key, kind, sentence] =
      "failed" in told
        ? ([told.failed, "failed", told.why] as const)
        : ([told.answered, "doubles", `somebody else answers for ${visits.get(told.answered)?.pod}: ${told.page}`] as const);
    const judged = judge(key, kind, sentence).finally(() => judging.delete(judged));
    judging.add(judged);
  };
  const following: Followed = lab.kubectlFollow(["exec", "-i", pod, "--", process.execPath, VISITOR], hear);
  void following.ended.then((said) => {
    if (!isStopped) tally.found("other", `${pod}: the visits ended: ${said.trim()}`);
  });
  return {
    visit(visited) {
      visits.set(visited.key, visited);
      following.send(`+ ${visited.key} ${visited.host} ${visited.pod ?? "*"} ${visited.pauseMs}`);
    },
    leave(key) {
      if (visits.delete(key)) following.send(`- ${key}`);
    },
    async stop() {
      await Promise.all(judging);
      isStopped = true;
      following.stop();
      await following.ended;
    },
  };
}
