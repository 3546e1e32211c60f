import type { PlantedBug } from "./planted-bug.ts";

/** Settings that the agent does not keep to. */
export const SETTINGS_BUGS: readonly PlantedBug[] = [
  {
    name: "no-cooldown",
    about: "a released address is given out again at once",
    settings: (settings) => ({ ...settings, pool: { ...settings.pool, cooldownMs: 0 } }),
  },
  {
    name: "hoards",
    about: "four addresses more than the targets are held, and free prefixes are never handed back",
    settings: (settings) => {
      const { warmIpTarget, minimumIpTarget, warmPrefixTarget, warmEniTarget } = settings.pool;
      const more = { warmIpTarget: (warmIpTarget ?? 0) + 4, minimumIpTarget: (minimumIpTarget ?? 0) + 4 };
      const isByAddress = warmIpTarget !== undefined || minimumIpTarget !== undefined;
      const pool = isByAddress ? more : { warmPrefixTarget: warmPrefixTarget + 1, warmEniTarget: warmEniTarget + 1 };
      return { ...settings, pool: { ...settings.pool, ...pool } };
    },
  },
];
