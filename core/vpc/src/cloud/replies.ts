import { refuse, type Ec2Result, type Millis } from "../result.ts";

/** How long EC2 is taken to remember a client token. AWS gives no figure for these calls; a day outlives every client's retries. */
const REMEMBERED_MS = 24 * 3_600_000;

interface Reply {
  readonly parameters: string;
  readonly at: Millis;
  readonly again: () => unknown;
}

/** Answers already given to calls with a client token (AWS: "Ensuring idempotency in Amazon EC2 API requests"). */
export class Replies {
  readonly #replies = new Map<string, Reply>();

  /** The earlier answer to the same call; a refusal if the token came with other parameters; `undefined` when it is new. */
  find<T>(action: string, input: { readonly clientToken?: string }, now: Millis): Ec2Result<() => T> | undefined {
    const reply = this.#replies.get(keyOf(action, input));
    if (input.clientToken === undefined || reply === undefined || now - reply.at > REMEMBERED_MS) return undefined;
    if (reply.parameters === canonical(input)) return { ok: true, value: reply.again as () => T };
    const message = "The request uses the same client token as a previous, but non-identical request.";
    return refuse({ code: "IdempotentParameterMismatch", message });
  }

  /** Remembers an answer; `again` gives it as it stands at the time of the repeated call. */
  keep<T>(action: string, input: { readonly clientToken?: string }, now: Millis, again: () => T): void {
    if (input.clientToken === undefined) return;
    this.#forgetBefore(now - REMEMBERED_MS);
    this.#replies.set(keyOf(action, input), { parameters: canonical(input), at: now, again });
  }

  #forgetBefore(limit: Millis): void {
    for (const [key, reply] of this.#replies) {
      if (reply.at >= limit) return;
      this.#replies.delete(key);
    }
  }
}

function keyOf(action: string, input: { readonly clientToken?: string }): string {
  return `${action} ${input.clientToken ?? ""}`;
}

/** JSON with sorted keys, IPv6 numbers as text: equal parameters give equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === "bigint") return `${part}n`;
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
