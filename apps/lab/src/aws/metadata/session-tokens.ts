/** TTL limits of IMDSv2 session tokens: EC2 user guide, "Use the Instance Metadata Service". */
const TTL_SECONDS_MAX = 21_600;
/** Sessions kept at most; the oldest goes first. Far above what the processes of one instance hold. */
const SESSIONS_MAX = 4_096;

/** Reads the TTL a client asks for; `undefined` when it is missing or out of range. */
export function parseTtlSeconds(header: string | null): number | undefined {
  if (header === null || !/^\d{1,5}$/.test(header)) return undefined;
  const seconds = Number(header);
  return seconds >= 1 && seconds <= TTL_SECONDS_MAX ? seconds : undefined;
}

export interface SessionTokens {
  issue(ttlSeconds: number, nowMs: number): string;
  isValid(token: string, nowMs: number): boolean;
}

/** The sessions of one instance. `newToken` must give text nobody can guess. */
export function createSessionTokens(newToken: () => string): SessionTokens {
  const expiryMs = new Map<string, number>();

  const makeRoom = (nowMs: number): void => {
    for (const [token, expires] of expiryMs) if (expires <= nowMs) expiryMs.delete(token);
    for (const token of expiryMs.keys()) {
      if (expiryMs.size < SESSIONS_MAX) break;
      expiryMs.delete(token);
    }
  };

  return {
    issue(ttlSeconds, nowMs) {
      if (expiryMs.size >= SESSIONS_MAX) makeRoom(nowMs);
      const token = newToken();
      expiryMs.set(token, nowMs + ttlSeconds * 1000);
      return token;
    },
    isValid(token, nowMs) {
      return nowMs < (expiryMs.get(token) ?? 0);
    },
  };
}
