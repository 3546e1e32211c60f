import { asJson, type Json } from "./documents.ts";

/** A document of AWS without the user data of launch templates: scripts there may hold what is nobody else's. */
export function withoutUserData(json: Json): Json {
  return Object.fromEntries(Object.entries(json).flatMap(([key, value]) => (key === "UserData" ? [] : [[key, cleaned(value)]])));
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  const below = asJson(value);
  return below === undefined ? value : withoutUserData(below);
}
