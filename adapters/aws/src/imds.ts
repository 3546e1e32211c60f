import { Fault, type Clock } from "@slash28/ports";
import type { Meter } from "./meter.ts";

/** The instance metadata service, version 2, as a key-value store. Paths are relative to `/latest/`. */
export interface Imds {
  /** The value at this path; rejects with `METADATA_UNREACHABLE` when it is absent or the service does not answer. */
  read(path: string): Promise<string>;
  /** The value at this path, or `undefined` where the service answers 404: an optional leaf that is not set. */
  find(path: string): Promise<string | undefined>;
}

export interface ImdsOptions {
  /** `http://169.254.169.254`, or AWS_EC2_METADATA_SERVICE_ENDPOINT. */
  readonly endpoint: string;
  readonly clock: Clock;
  readonly timeoutMs?: number;
  readonly meter?: Meter;
}

const TOKEN_SECONDS = 21_600;
/** A token is renewed a minute early. */
const TOKEN_MARGIN_MS = 60_000;
const TRIES = 3;

interface Token {
  readonly text: string;
  readonly goodUntil: number;
}

/**
 * A session token is fetched once for six hours and again when the service answers 401 (EC2 user guide, "Use the Instance Metadata
 * Service"): the service may have restarted.
 */
export function createImds(options: ImdsOptions): Imds {
  const base = options.endpoint.replace(/\/+$/, "");
  let token: Token | undefined;
  let renewing: Promise<Token> | undefined;

  async function send(path: string, init: RequestInit): Promise<{ readonly status: number; readonly text: string }> {
    const started = options.clock.now();
    let code = "";
    try {
      const reply = await fetch(`${base}/latest/${path}`, { ...init, signal: AbortSignal.timeout(options.timeoutMs ?? 2_000) });
      code = String(reply.status);
      return { status: reply.status, text: await reply.text() };
    } finally {
      const failed = !(code.startsWith("2") || code === "404");
      options.meter?.({ api: "IMDS", latencyMs: options.clock.now() - started, code, failed });
    }
  }

  async function currentToken(): Promise<string> {
    if (token !== undefined && token.goodUntil > options.clock.now()) return token.text;
    renewing ??= fetchToken().finally(() => {
      renewing = undefined;
    });
    token = await renewing;
    return token.text;
  }

  async function fetchToken(): Promise<Token> {
    const asked = options.clock.now();
    const reply = await send("api/token", {
      method: "PUT",
      headers: { "x-aws-ec2-metadata-token-ttl-seconds": String(TOKEN_SECONDS) },
    });
    if (reply.status !== 200 || reply.text === "") throw unreachable("api/token", `status ${reply.status}`);
    return { text: reply.text, goodUntil: asked + TOKEN_SECONDS * 1_000 - TOKEN_MARGIN_MS };
  }

  async function get(path: string): Promise<{ readonly status: number; readonly text: string }> {
    for (let tryNumber = 1; ; tryNumber++) {
      let detail: string;
      let cause: unknown;
      try {
        const reply = await send(path, { headers: { "x-aws-ec2-metadata-token": await currentToken() } });
        if (reply.status === 200 || reply.status === 404) return reply;
        if (reply.status === 401) token = undefined;
        detail = `status ${reply.status}`;
      } catch (error) {
        cause = error;
        detail = error instanceof Fault ? error.message : reasonOf(error);
      }
      if (tryNumber === TRIES) throw unreachable(path, detail, cause);
      await options.clock.sleep(100 * 2 ** tryNumber);
    }
  }

  return {
    async read(path) {
      const reply = await get(path);
      if (reply.status === 404) throw unreachable(path, "status 404");
      return reply.text;
    },
    async find(path) {
      const reply = await get(path);
      return reply.status === 404 ? undefined : reply.text;
    },
  };
}

function unreachable(path: string, detail: string, cause?: unknown): Fault {
  return new Fault("METADATA_UNREACHABLE", { path, detail }, { cause });
}

/** `fetch` hides the reason of a failed connection in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
