import { parseFieldPath, parseFieldValue, type FieldSetting } from "../cluster-file/field-setting.ts";
import { usageError } from "../output/index.ts";

/** One field of a cluster file, and the values it is to have in turn. */
export interface Sweep {
  /** As it was typed before `=`. */
  readonly name: string;
  readonly values: readonly FieldSetting[];
}

/** More than anyone reads. */
const RUNS_MAX = 10_000;
const RANGE = /^(-?\d+)\.\.(-?\d+)(?:\/(\d+))?$/;
const HOW = "write NAME=1..10, NAME=0..100/20 or NAME=a,b,c; null is without";

/** Reads `WARM_IP_TARGET=1..10`, `=0,1,2`, or a path and values of any kind. */
export function parseSweep(text: string): Sweep {
  const at = text.indexOf("=");
  if (at <= 0) throw usageError(`--sweep ${text}: ${HOW}`);
  const name = text.slice(0, at);
  const path = parseFieldPath(name, `--sweep ${text}`);
  const parts = text
    .slice(at + 1)
    .split(",")
    .map((part) => part.trim());
  const values = [...new Set(parts.flatMap((part) => partValues(part, text)))];
  return {
    name,
    values: values.map((value) => {
      const flag = `--sweep ${name}=${value}`;
      return { flag, name, path, value: parseFieldValue(value, flag) };
    }),
  };
}

function partValues(part: string, text: string): readonly string[] {
  if (part === "") throw usageError(`--sweep ${text}: there is an empty value: ${HOW}`);
  const range = RANGE.exec(part);
  if (range === null) return [part];
  const [from, to, step] = [Number(range[1]), Number(range[2]), Number(range[3] ?? 1)];
  if (from > to || step === 0) throw usageError(`--sweep ${text}: ${part} has no value in it: ${HOW}`);
  const count = Math.floor((to - from) / step) + 1;
  if (count > RUNS_MAX) throw usageError(tooMany(count));
  return Array.from({ length: count }, (_, index) => String(from + index * step));
}

/** Every combination, the last sweep changing fastest. */
export function gridOf(sweeps: readonly Sweep[]): readonly (readonly FieldSetting[])[] {
  const names = sweeps.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw usageError(`--sweep ${twice} is given twice: write all of its values in one, such as ${twice}=1..3,8`);
  const count = sweeps.reduce((product, { values }) => product * values.length, 1);
  if (count > RUNS_MAX) throw usageError(tooMany(count));
  return sweeps.reduce<readonly (readonly FieldSetting[])[]>(
    (rows, { values }) => rows.flatMap((row) => values.map((value) => [...row, value])),
    [[]],
  );
}

function tooMany(count: number): string {
  return `that makes ${count} runs; at most ${RUNS_MAX} are made: give fewer values`;
}
