import { Fault } from "@slash28/ports";
import type { Clock } from "@slash28/ports";
import type { KubeCredentials } from "./connection.ts";

/** The bearer token of the moment. */
export interface TokenSource {
  current(): Promise<string | undefined>;
  /** The server did not accept it: read it anew next time. */
  forget(): void;
}

/** Projected tokens are replaced at 80 % of their life, an hour by default; a minute is early enough. */
const REREAD_MS = 60_000;

export function createTokenSource(credentials: KubeCredentials, clock: Clock): TokenSource {
  switch (credentials.kind) {
    case "none":
    case "certificate":
      return { current: () => Promise.resolve(undefined), forget: () => undefined };
    case "token":
      return { current: () => Promise.resolve(credentials.token), forget: () => undefined };
    case "token-file":
      return fileToken(credentials.read, clock);
    default:
      return credentials satisfies never;
  }
}

function fileToken(read: () => Promise<string>, clock: Clock): TokenSource {
  let cached: { readonly token: string; readonly readAt: number } | undefined;
  return {
    async current() {
      if (cached !== undefined && clock.now() - cached.readAt < REREAD_MS) return cached.token;
      try {
        cached = { token: (await read()).trim(), readAt: clock.now() };
      } catch (cause) {
        const detail = cause instanceof Error ? cause.message : String(cause);
        throw new Fault("KUBE_UNREACHABLE", { detail: `the service account token cannot be read: ${detail}` }, { cause });
      }
      return cached.token;
    },
    forget() {
      cached = undefined;
    },
  };
}
