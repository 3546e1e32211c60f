import { Fault, type Ec2 } from "@slash28/ports";
import { createRandom, type FaultKind, type Random, type Timeline } from "@slash28/simulation";
import type { FaultWindows } from "./fault-windows.ts";
import { forever, type Life } from "./life.ts";

export interface WireOptions {
  readonly seed: number;
  readonly timeline: Timeline;
  readonly windows: FaultWindows;
  /** Tells of a request's fate. */
  readonly note: (text: string) => void;
}

type Api = keyof Ec2;

/** What becomes of one request. */
interface Fate {
  /** When EC2 does it; empty: never. */
  readonly doneInMs: readonly number[];
  readonly answerInMs: number;
  /** What the caller hears instead of EC2's answer. */
  readonly fault?: Fault;
  readonly isPartial: boolean;
  readonly text: string;
}

/** The real client gives a request up after this long. */
const TIMEOUT_MS = 10_000;
const STRIKES = 0.4;
/** A request that was sent arrives within this. */
const LATE_MS = 6_000;

/** The way between an agent and EC2: requests and answers take time, get lost, come twice, or in part. What was sent arrives even if its sender died. */
export class Ec2Wire {
  readonly #options: WireOptions;
  /** Requests so far. */
  calls = 0;
  /** What arrived after the end of the process that had sent it. */
  readonly cameLate = new Set<Api>();
  #onNextChange: (() => void) | undefined;

  constructor(options: WireOptions) {
    this.#options = options;
  }

  /** The next request that changes something takes seconds to arrive; `onSent` is called when it is on its way. */
  delayNext(onSent: () => void): void {
    this.#onNextChange ??= onSent;
  }

  delayNone(): void {
    this.#onNextChange = undefined;
  }

  /** EC2 as one process reaches it. */
  portOf(life: Life, model: Ec2): Ec2 {
    const wire = <A extends readonly unknown[], T>(
      api: Api,
      whole: (...args: A) => Promise<T>,
      part?: (...args: A) => Promise<T> | undefined,
    ) => {
      return (...args: A): Promise<T> =>
        this.#exchange(life, api, () => whole(...args), part === undefined ? undefined : () => part(...args) ?? whole(...args));
    };
    return {
      describeAttachedEnis: wire("describeAttachedEnis", model.describeAttachedEnis),
      describeEnis: wire("describeEnis", model.describeEnis),
      describeFreeEnis: wire("describeFreeEnis", model.describeFreeEnis),
      describeSubnets: wire("describeSubnets", model.describeSubnets),
      describeInstanceType: wire("describeInstanceType", model.describeInstanceType),
      createEni: wire("createEni", model.createEni, (request) => {
        const count = Math.floor(request.carry.count / 2);
        return model.createEni({ ...request, carry: { ...request.carry, count }, clientToken: `${request.clientToken}-part` });
      }),
      attachEni: wire("attachEni", model.attachEni),
      deleteOnTermination: wire("deleteOnTermination", model.deleteOnTermination),
      detachEni: wire("detachEni", model.detachEni),
      deleteEni: wire("deleteEni", model.deleteEni),
      assignAddresses: wire("assignAddresses", model.assignAddresses, (eni, count) => model.assignAddresses(eni, half(count))),
      assignPrefixes: wire("assignPrefixes", model.assignPrefixes, (eni, count) => model.assignPrefixes(eni, half(count))),
      unassign: wire("unassign", model.unassign, async (eni, { addresses, prefixes }) => {
        if (addresses.length + prefixes.length < 2) return model.unassign(eni, { addresses, prefixes });
        await model.unassign(eni, { addresses: firstHalf(addresses), prefixes: firstHalf(prefixes) });
        throw new Fault("EC2_UNREACHABLE", { api: "unassign", detail: "the connection broke after a part" });
      }),
      setGroups: wire("setGroups", model.setGroups),
      tag: wire("tag", model.tag),
    };
  }

  #exchange<T>(life: Life, api: Api, whole: () => Promise<T>, part: (() => Promise<T>) | undefined): Promise<T> {
    if (!life.livesOn()) return forever();
    const { timeline, seed, note } = this.#options;
    const random = createRandom(seed, "ec2", this.calls++);
    const onSent = api.startsWith("describe") ? undefined : this.#onNextChange;
    if (onSent !== undefined) this.#onNextChange = undefined;
    const fate = onSent === undefined ? this.#fateOf(api, random) : delayed(random);
    note(`${api}${fate.text}`);
    const work = fate.isPartial && part !== undefined ? part : whole;
    return new Promise((resolve, reject) => {
      const isVoid = (): boolean => life.isOver;
      if (fate.fault !== undefined) timeline.schedule(fate.answerInMs, { label: `${api} fails`, isVoid, fire: () => reject(fate.fault) });
      // A client that sends again hears the answer to its last request.
      const answered = fate.doneInMs.length - 1;
      fate.doneInMs.forEach((inMs, index) => {
        const fire = (): void => {
          if (life.isOver) this.cameLate.add(api);
          const done = work();
          if (fate.fault !== undefined || index !== answered) return void done.catch(() => undefined);
          const reply = (finish: () => void): void =>
            timeline.schedule(fate.answerInMs, { label: `${api} answered`, isVoid, fire: finish });
          done.then(
            (value) => reply(() => resolve(value)),
            (cause: unknown) => reply(() => reject(cause)),
          );
        };
        timeline.schedule(inMs, { label: `${api} arrives`, fire });
      });
      onSent?.();
    });
  }

  #fateOf(api: Api, random: Random): Fate {
    const strikes = (kind: FaultKind, share = STRIKES): boolean => this.#options.windows.isOpen(kind) && random.chance(share);
    const doneInMs = [random.between(2, 80)];
    const answerInMs = random.between(2, 80);
    const fails = (fault: Fault, inMs: number, done: readonly number[], text: string): Fate => ({
      doneInMs: done,
      answerInMs: inMs,
      fault,
      isPartial: false,
      text: `, ${text}`,
    });
    const unanswered = new Fault("EC2_UNREACHABLE", { api, detail: "no answer in time" });
    if (strikes("throttled", 0.7)) return fails(new Fault("EC2_THROTTLED", { api }), answerInMs, [], "throttled");
    if (strikes("unauthorized", 1)) return fails(new Fault("EC2_UNAUTHORIZED", { api }), answerInMs, [], "refused by IAM");
    if (strikes("request-lost")) return fails(unanswered, TIMEOUT_MS, [], "request lost");
    if (strikes("reply-lost")) return fails(unanswered, TIMEOUT_MS, doneInMs, "answer lost");
    if (strikes("partial", 0.7)) return { doneInMs, answerInMs, isPartial: true, text: ", in part" };
    if (strikes("duplicated")) return { doneInMs: [...doneInMs, random.between(80, 2_000)], answerInMs, isPartial: false, text: ", twice" };
    if (strikes("reply-late", 0.7))
      return { doneInMs: [random.between(100, LATE_MS)], answerInMs: random.between(100, 3_500), isPartial: false, text: ", late" };
    return { doneInMs, answerInMs, isPartial: false, text: "" };
  }
}

function delayed(random: Random): Fate {
  return { doneInMs: [random.between(200, LATE_MS)], answerInMs: random.between(2, 80), isPartial: false, text: ", on its way" };
}

function half(count: number): number {
  return Math.max(1, Math.floor(count / 2));
}

function firstHalf<T>(list: readonly T[]): readonly T[] {
  return list.slice(0, Math.ceil(list.length / 2));
}
