import { BURSTS_MOST, type Burst, type OpeningWindows } from "./burst-times.ts";
import type { SeenByNode } from "./demand-memory.ts";
import { SIZE_MAX, type DemandWindow, type SeenDemand } from "./demand-table.ts";
import { HOURS, type SeenPeaks } from "./hourly-peaks.ts";
import { isObject, parseObject, type Json } from "./json.ts";
import type { Millis } from "./reservation.ts";
import { SITUATIONS } from "./situation.ts";
import type { SeenWaits } from "./wait-budget.ts";

/** Of the text, and of what the numbers of situations mean; a reader refuses others. */
const VERSION = 1;
/** What was seen longer ago tells little, and the node may have lain still since. */
const OLD_AFTER_MS = 48 * 3_600_000;

export type DecodedDemand = { readonly ok: true; readonly value: SeenByNode } | { readonly ok: false; readonly why: string };

/** One line of JSON, without a line end; `node` names whose demand it is. */
export function encodeDemand(seen: SeenByNode, node: string, now: Millis): string {
  return JSON.stringify({ v: VERSION, node, at: now, seen });
}

/** Reads what the same node wrote. Says why nothing can be learned from it instead of guessing. */
export function decodeDemand(text: string, node: string, now: Millis): DecodedDemand {
  const json = parseObject(text);
  if (json === undefined) return no("it is not a JSON object");
  if (json["v"] !== VERSION) return no(`it has version ${JSON.stringify(json["v"])}, this program reads ${VERSION}`);
  if (json["node"] !== node) return no(`it is of ${JSON.stringify(json["node"])}, not of ${node}`);
  const at = amount(json["at"]);
  if (at === undefined || at > now) return no("it was written later than now");
  if (now - at > OLD_AFTER_MS) return no("it is more than two days old");
  const seen = isObject(json["seen"]) ? readSeen(json["seen"], at) : undefined;
  return seen === undefined ? no("it lacks a field or has one of the wrong form") : { ok: true, value: seen };
}

function no(why: string): DecodedDemand {
  return { ok: false, why };
}

function readSeen(json: Json, at: Millis): SeenByNode | undefined {
  const [assign, attach] = [readDemand(json["assign"], at), readDemand(json["attach"], at)];
  const [waits, peaks] = [readWaits(json["waits"], at), readPeaks(json["peaks"])];
  const bursts = list(json["bursts"], BURSTS_MOST, (one) => readBurst(one, at));
  const [lastBurstAt, lastPodAt] = [json["lastBurstAt"], json["lastPodAt"]].map((time) =>
    time === undefined ? undefined : pastTime(time, at),
  );
  const seenForMs = amount(json["seenForMs"]);
  const isWhole = json["lastBurstAt"] === lastBurstAt && json["lastPodAt"] === lastPodAt;
  if (!isWhole || !assign || !attach || !waits || !peaks || !bursts || seenForMs === undefined) return undefined;
  return { assign, attach, bursts, lastBurstAt, lastPodAt, waits, peaks, seenForMs };
}

function readDemand(value: unknown, at: Millis): SeenDemand | undefined {
  if (!isObject(value) || value["at"] !== at) return undefined;
  const windows = list(value["windows"], SITUATIONS * SIZE_MAX, readWindows);
  const spentMs = list(value["spentMs"], SITUATIONS, amount);
  return windows === undefined || spentMs?.length !== SITUATIONS ? undefined : { at, windows, spentMs };
}

function readWindows(value: unknown): readonly [number, number, number] | undefined {
  if (!Array.isArray(value) || value.length !== 3) return undefined;
  const [situation, size, weight] = [below(value[0], SITUATIONS), below(value[1], SIZE_MAX + 1), amount(value[2])];
  return situation === undefined || size === undefined || size === 0 || weight === undefined ? undefined : [situation, size, weight];
}

function readBurst(value: unknown, at: Millis): Burst | undefined {
  if (!isObject(value) || typeof value["isRegular"] !== "boolean") return undefined;
  const [began, size, opening] = [pastTime(value["at"], at), whole(value["size"]), readOpening(value["opening"], at)];
  if (began === undefined || size === undefined || opening === undefined) return undefined;
  return { at: began, size, opening, isRegular: value["isRegular"] };
}

function readOpening(value: unknown, at: Millis): OpeningWindows | undefined {
  if (!isObject(value)) return undefined;
  const [assign, attach] = [readWindow(value["assign"], at), readWindow(value["attach"], at)];
  return assign === undefined || attach === undefined ? undefined : { assign, attach };
}

function readWindow(value: unknown, at: Millis): DemandWindow | undefined {
  if (!isObject(value)) return undefined;
  const [beganAt, situation, size] = [pastTime(value["beganAt"], at), below(value["situation"], SITUATIONS), whole(value["size"])];
  return beganAt === undefined || situation === undefined || size === undefined ? undefined : { beganAt, situation, size };
}

function readWaits(value: unknown, at: Millis): SeenWaits | undefined {
  if (!isObject(value) || value["at"] !== at) return undefined;
  const [pods, waited] = [amount(value["pods"]), amount(value["waited"])];
  return pods === undefined || waited === undefined || waited > pods ? undefined : { at, pods, waited };
}

function readPeaks(value: unknown): SeenPeaks | undefined {
  if (!isObject(value)) return undefined;
  const [hour, running, before] = [whole(value["hour"]), whole(value["running"]), list(value["before"], HOURS, whole)];
  return hour === undefined || running === undefined || before === undefined ? undefined : { hour, running, before };
}

function list<T>(value: unknown, most: number, read: (one: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value) || value.length > most) return undefined;
  const items = value.map(read);
  return items.includes(undefined) ? undefined : (items as T[]);
}

function amount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function whole(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? amount(value) : undefined;
}

function below(value: unknown, limit: number): number | undefined {
  const number = whole(value);
  return number !== undefined && number < limit ? number : undefined;
}

function pastTime(value: unknown, now: Millis): Millis | undefined {
  const time = amount(value);
  return time !== undefined && time <= now ? time : undefined;
}
