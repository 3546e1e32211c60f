import type { SessionGrant } from "@slash28/iam";
import type { KeptDocument } from "../../state/index.ts";
import { newSecret, newSessionToken, newUniqueId } from "./secrets.ts";

/** Whose session it is: of a role, or of a user who asked for temporary credentials. */
export type SessionSubject =
  | { readonly kind: "role"; readonly grant: SessionGrant }
  | { readonly kind: "user"; readonly userName: string; readonly issuedAt: number; readonly expiresAt: number };

/** Temporary credentials the lab has given out. */
export interface IssuedSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: number;
  readonly subject: SessionSubject;
}

export interface SessionBook {
  issue(subject: SessionSubject, nowMs: number): IssuedSession;
  /** Also one that has expired not long ago: its caller is told so. */
  find(accessKeyId: string): IssuedSession | undefined;
}

/** Expired sessions are remembered this long, so that their callers hear that they expired and not that they never were. */
const REMEMBER_EXPIRED_MS = 3_600_000;
/** Sessions kept at most; those that expire first go first. */
const SESSIONS_MAX = 10_000;

export function createSessionBook(document: KeptDocument<readonly IssuedSession[]>): SessionBook {
  const sessions = new Map((document.saved ?? []).map((session) => [session.accessKeyId, session]));

  const prune = (nowMs: number): void => {
    for (const [key, { expiresAt }] of sessions) if (expiresAt + REMEMBER_EXPIRED_MS <= nowMs) sessions.delete(key);
    if (sessions.size < SESSIONS_MAX) return;
    const byExpiry = [...sessions.values()].sort((a, b) => a.expiresAt - b.expiresAt);
    for (const { accessKeyId } of byExpiry.slice(0, sessions.size - SESSIONS_MAX + 1)) sessions.delete(accessKeyId);
  };

  return {
    issue(subject, nowMs) {
      prune(nowMs);
      const session: IssuedSession = {
        accessKeyId: newUniqueId("ASIA"),
        secretAccessKey: newSecret(),
        sessionToken: newSessionToken(),
        expiresAt: subject.kind === "role" ? subject.grant.expiresAt : subject.expiresAt,
        subject,
      };
      sessions.set(session.accessKeyId, session);
      document.keep([...sessions.values()]);
      return session;
    },
    find: (accessKeyId) => sessions.get(accessKeyId),
  };
}
