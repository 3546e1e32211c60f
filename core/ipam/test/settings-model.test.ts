import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseSettings, type Env } from "../src/index.ts";

const DEFAULTS = parseSettings({});
const VARIABLES = DEFAULTS.readings.map(({ variable }) => variable);

const values = fc.oneof(
  fc.constantFrom("true", "false", "1", "0", "t", "F", "TRUE", "yes", "-1", "7", "+3", "007", "1e3", "0x80", "99999999999999999999"),
  fc.constantFrom(
    "10.0.0.0/8",
    "10.0.0.0/8,10.1.2.3/16",
    "10.0.0.0/33",
    '{"a":"b"}',
    "{",
    "[]",
    '{"a":1}',
    "prng",
    "hashrandom",
    "eni",
    "eth",
  ),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);
const environments: fc.Arbitrary<Env> = fc.dictionary(fc.constantFrom(...VARIABLES), values, { maxKeys: 12 });

/** What holds, written as an environment. */
function printed(env: Env): Env {
  return Object.fromEntries(parseSettings(env).readings.flatMap(({ variable, used }) => (used === "none" ? [] : [[variable, used]])));
}

test("any environment gives settings, each wrong value one notice with what is used instead", () => {
  fc.assert(
    fc.property(environments, (env) => {
      const { settings, notices, readings, overrides } = parseSettings(env);
      expect(Object.keys(settings)).toEqual(Object.keys(DEFAULTS.settings));
      expect(readings.map(({ variable }) => variable).toSorted()).toEqual(VARIABLES.toSorted());
      for (const { kind, variable, given } of notices) {
        expect(VARIABLES).toContain(variable);
        if (kind === "invalid" && given !== undefined) expect(given).toBe(env[variable]);
      }
      for (const { variable, given, used, fallback } of readings) {
        const isImplied = overrides.some((override) => override.variable === variable && override.effect === "implied");
        const isWrong = notices.some((notice) => notice.variable === variable && notice.kind === "invalid");
        if (given === undefined && !isWrong && !isImplied) expect([variable, used]).toEqual([variable, fallback]);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("a value that is refused counts as if it had not been given", () => {
  fc.assert(
    fc.property(environments, (env) => {
      const { readings, settings, notices } = parseSettings(env);
      const refused = new Set(
        notices
          .filter(
            ({ kind, variable }) =>
              kind === "invalid" && readings.some((each) => each.variable === variable && each.used === each.fallback),
          )
          .map(({ variable }) => variable),
      );
      const without = Object.fromEntries(Object.entries(env).filter(([variable]) => !refused.has(variable)));
      expect(parseSettings(without).settings).toEqual(settings);
    }),
    { numRuns: 1_000 },
  );
});

test("what is in force, given as an environment, is in force again", () => {
  fc.assert(
    fc.property(environments, (env) => {
      const again = parseSettings(printed(env));
      expect(again.settings).toEqual(parseSettings(env).settings);
      expect(again.notices.filter(({ kind }) => kind === "invalid")).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});
