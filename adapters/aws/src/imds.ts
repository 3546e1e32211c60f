import { Fault, type Clock } from "@slash28/ports";
import type { Meter } from "./meter.ts";
import { reasonOf } from "./untrusted.ts";

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

interface Reply {
  readonly status: number;
  readonly text: string;
}

interface Token {
  readonly text: string;
  readonly goodUntil: number;
}

/**
 * A session token is fetched once for six hours and again when the service answers 401 (EC2 user guide, "Use the Instance Metadata
 * Service"): the service may have restarted.
 */
export function createImds(options: ImdsOptions): Imds {
  const token = sessionToken(options);

  async function get(path: string): Promise<Reply> {
    for (let tryNumber = 1; ; tryNumber++) {
      let detail: string;
      let cause: unknown;
      try {
        const reply = await send(options, path, { headers: { "x-aws-ec2-metadata-token": await token.current() } });
        if (reply.status === 200 || reply.status === 404) return reply;
        if (reply.status === 401) token.forget();
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

interface SessionToken {
  current(): Promise<string>;
  forget(): void;
}

function sessionToken(options: ImdsOptions): SessionToken {
  let kept: Token | undefined;
  let renewing: Promise<Token> | undefined;

  async function renew(): Promise<Token> {
    const asked = options.clock.now();
    const headers = { "x-aws-ec2-metadata-token-ttl-seconds": String(TOKEN_SECONDS) };
    const reply = await send(options, "api/token", { method: "PUT", headers });
    if (reply.status !== 200 || reply.text === "") throw unreachable("api/token", `status ${reply.status}`);
    return { text: reply.text, goodUntil: asked + TOKEN_SECONDS * 1_000 - TOKEN_MARGIN_MS };
  }

  return {
    async current() {
      if (kept !== undefined && kept.goodUntil > options.clock.now()) return kept.text;
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      kept = await renewing;
      return kept.text;
    },
    forget() {
      kept = undefined;
    },
  };
}

async function send(options: ImdsOptions, path: string, init: RequestInit): Promise<Reply> {
  const started = options.clock.now();
  let code = "";
  try {
    const url = `${options.endpoint.replace(/\/+$/, "")}/latest/${path}`;
    const reply = await fetch(url, { ...init, signal: AbortSignal.timeout(options.timeoutMs ?? 2_000) });
    code = String(reply.status);
    return { status: reply.status, text: await reply.text() };
  } finally {
    const failed = !(code.startsWith("2") || code === "404");
    options.meter?.({ api: "IMDS", latencyMs: options.clock.now() - started, code, failed });
  }
}

function unreachable(path: string, detail: string, cause?: unknown): Fault {
  return new Fault("METADATA_UNREACHABLE", { path, detail }, { cause });
}
