import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding, SecondsInterval, SimulatedEffect } from "@slash28/advisor";
import type { LabUnderTest } from "./lab-under-test.ts";
import { eventually } from "./run.ts";

/** What happened after a fix was typed. */
export interface Happened {
  /** Free addresses of the subnets that the effect names, in its order. */
  readonly free: readonly number[];
  /** From the first key until every subnet had as many free addresses as was said; absent where the counts are not said to be exact. */
  readonly movedAfterSeconds?: number;
  /** Until the last of the pods that were waited for ran. */
  readonly startedAfterSeconds: number;
}

/** A lab whose faults `slash28 doctor` finds, and whose fixes are typed as it tells them. */
export interface Doctored {
  findings(...from: readonly string[]): Promise<readonly Finding[]>;
  /** The finding as the live cluster shows it, once it does and once it is as wanted. A snapshot saved then must show the same, redacted or not. */
  found(id: string, isWanted?: (finding: Finding) => boolean): Promise<Finding>;
  gone(id: string): Promise<boolean>;
  /** Types a fix as it stands, in one shell. */
  type(finding: Finding): Promise<void>;
  /** Types a fix and watches what happens until it is what its effect says; `waitFor` resolves when the pods it speaks of run. */
  typeAndWatch(finding: Finding, waitFor?: () => Promise<unknown>): Promise<Happened>;
  /** Orders a fault. */
  fault(...args: readonly string[]): Promise<void>;
  end(): void;
}

const MOVE_MS = 180_000;
/** An agent that was refused asks again after a minute. */
const GONE_MS = 120_000;

export function doctored(lab: LabUnderTest): Doctored {
  const folder = mkdtempSync(join(tmpdir(), "slash28-doctor-e2e-"));
  const findings = (...from: readonly string[]): Promise<readonly Finding[]> => findingsOf(lab, from);
  const type = (finding: Finding): Promise<void> => typeIn(lab, folder, finding);
  return {
    findings,
    found: (id, isWanted = () => true) => foundIn(lab, folder, { id, isWanted }),
    gone: (id) => eventually(`${id} to be gone`, async () => !(await findings()).some((finding) => finding.id === id), GONE_MS),
    type,
    typeAndWatch: (finding, waitFor = () => Promise.resolve()) => watched(lab, finding, { type, waitFor }),
    async fault(...args) {
      const ran = await lab.slash28(["lab", "fault", ...args]);
      if (ran.code !== 0) throw new Error(ran.stderr);
    },
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function findingsOf(lab: LabUnderTest, from: readonly string[]): Promise<readonly Finding[]> {
  const ran = await lab.slash28(["doctor", ...from, "-o", "json"]);
  if (ran.code !== 0) throw new Error(ran.stderr);
  return (JSON.parse(ran.stdout) as { findings: readonly Finding[] }).findings;
}

interface Wanted {
  readonly id: string;
  readonly isWanted: (finding: Finding) => boolean;
}

async function foundIn(lab: LabUnderTest, folder: string, { id, isWanted }: Wanted): Promise<Finding> {
  const saved = async (...args: readonly string[]): Promise<readonly Finding[]> => {
    const out = join(folder, randomUUID());
    await lab.slash28(["snapshot", "--out", out, ...args]);
    return findingsOf(lab, ["--snapshot", out]);
  };
  const among = (all: readonly Finding[]): Finding | undefined => all.find((finding) => finding.id === id && isWanted(finding));
  const live = await eventually(`${id} to be found`, async () => among(await findingsOf(lab, [])), 60_000);
  const kept = among(await saved());
  if (kept === undefined) throw new Error(`a snapshot does not show ${id}`);
  const redacted = (await saved("--redact")).find((finding) => finding.id === id);
  const numbers = (finding: Finding | undefined): unknown =>
    finding?.evidence.map(({ value }) => (typeof value === "number" ? value : typeof value));
  const same = [
    [kept.objects, live.objects],
    [kept.fix, live.fix],
    [numbers(redacted), numbers(kept)],
  ];
  for (const [ours, theirs] of same) {
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) throw new Error(`${id}: ${JSON.stringify(ours)} is not ${JSON.stringify(theirs)}`);
  }
  return live;
}

async function typeIn(lab: LabUnderTest, folder: string, { fix }: Finding): Promise<void> {
  const script = ["set -e", ...fix.commands].join("\n");
  if (/<[a-z][a-z -]*>/.test(script)) throw new Error(`something is left to fill in:\n${script}`);
  const ran = await lab.paste(script, { cwd: folder, variables: {}, timeoutMs: MOVE_MS });
  if (ran.code !== 0) throw new Error(`${script}\n${ran.stdout}${ran.stderr}`);
}

interface Typing {
  readonly type: (finding: Finding) => Promise<void>;
  readonly waitFor: () => Promise<unknown>;
}

async function watched(lab: LabUnderTest, finding: Finding, { type, waitFor }: Typing): Promise<Happened> {
  const { effect } = finding;
  if (effect?.basis !== "simulated") throw new Error(`${finding.id} is not simulated: ${effect?.text ?? "it has no effect"}`);
  // What is still moving by itself is no part of the prediction: it begins where the fleet is at rest.
  const atRest = effect.subnets.map(({ freeBefore }) => freeBefore).join(",");
  await eventually(`${atRest} free addresses before the fix`, async () => isFree(lab, effect, atRest), MOVE_MS);
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1_000;
  const wanted = effect.subnets.map(({ freeAfter }) => freeAfter).join(",");
  const moved = async (): Promise<{ readonly movedAfterSeconds?: number }> => {
    if (!effect.isExact) return {};
    const asSaid = async (): Promise<number> => {
      await isFree(lab, effect, wanted);
      return seconds();
    };
    return { movedAfterSeconds: await eventually(`${wanted} free addresses (${effect.text})`, asSaid, MOVE_MS) };
  };
  const started = waitFor().then(seconds);
  const [when, startedAfterSeconds] = await Promise.all([moved(), started, type(finding)]);
  // New nodes are ready before their pools are full, and where nothing is to change the counts are as said from the start.
  if (effect.isExact) await eventually(`${wanted} free addresses after the fix`, () => isFree(lab, effect, wanted), MOVE_MS);
  return { free: await freeIn(lab, effect), ...when, startedAfterSeconds };
}

async function isFree(lab: LabUnderTest, effect: SimulatedEffect, wanted: string): Promise<true> {
  const free = (await freeIn(lab, effect)).join(",");
  if (free !== wanted) throw new Error(`free: ${free}`);
  return true;
}

async function freeIn(lab: LabUnderTest, { subnets }: SimulatedEffect): Promise<readonly number[]> {
  const status = await lab.status();
  return subnets.map(({ id }) => status.subnets.find((subnet) => subnet.id === id)?.free ?? Number.NaN);
}

/** Whether a time is within what an effect said of it; nothing said is nothing to hold. */
export function isWithin(seconds: number | undefined, interval: SecondsInterval | undefined): boolean {
  return interval === undefined || seconds === undefined || (interval.least <= seconds && seconds <= interval.most);
}
