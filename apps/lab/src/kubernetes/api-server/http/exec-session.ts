import { PassThrough, Writable } from "node:stream";

import { WebSocket, type RawData } from "ws";

import type { AttachRequest } from "../../pod-runtime.ts";
import { statusOf, failureOf } from "./respond.ts";
import type { PodOnNode } from "./serve-logs.ts";

/** First byte of every message (Kubernetes remotecommand protocol, v4 and v5). */
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** Which of a command's or container's streams the client wants. */
export interface SessionStreams {
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface ExecOptions extends SessionStreams {
  readonly command: readonly string[];
}

const NORMAL_CLOSURE = 1000;
const SUCCESS = { metadata: {}, status: "Success" } as const;
/** Output that the client has not taken yet, above which the command has to wait. */
const BACKLOG_MAX_BYTES = 1024 * 1024;
const BACKLOG_LOOK_MS = 10;

/** Runs one command over one socket until it ends or the client goes. */
export async function runExecSession(socket: WebSocket, pod: PodOnNode, options: ExecOptions, closing: AbortSignal): Promise<void> {
  const { command, tty } = options;
  await runSession(socket, options, closing, (streams) => outcome(pod, { command, tty, ...streams }));
}

/** Shows what a container says from now on and gives it what the client types, until it ends or the client goes. */
export async function runAttachSession(socket: WebSocket, pod: PodOnNode, wanted: SessionStreams, closing: AbortSignal): Promise<void> {
  await runSession(socket, wanted, closing, async (streams) => {
    try {
      await pod.runtime.attach(pod.container, streams);
      return SUCCESS;
    } catch (error) {
      return statusOf(failureOf(error));
    }
  });
}

/** Opens the streams the client wants, has them used, and tells it the result. */
async function runSession(
  socket: WebSocket,
  wanted: SessionStreams,
  closing: AbortSignal,
  use: (streams: AttachRequest) => Promise<unknown>,
): Promise<void> {
  const gone = new AbortController();
  const stdin = wanted.stdin ? new PassThrough() : undefined;
  socket.on("close", () => {
    gone.abort();
    stdin?.end();
  });
  socket.on("error", () => gone.abort());
  socket.on("message", (data) => receive(bytesOf(data), stdin));
  const stdout = wanted.stdout ? channelWriter(socket, CHANNEL.stdout) : undefined;
  const stderr = wanted.stderr && !wanted.tty ? channelWriter(socket, CHANNEL.stderr) : undefined;
  const result = await use({
    ...(stdin === undefined ? {} : { stdin }),
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined ? {} : { stderr }),
    signal: AbortSignal.any([gone.signal, closing]),
  });
  await Promise.all([flushed(stdout), flushed(stderr)]);
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(Buffer.concat([Uint8Array.of(CHANNEL.error), Buffer.from(JSON.stringify(result))]));
  socket.close(NORMAL_CLOSURE);
}

async function outcome(pod: PodOnNode, request: Parameters<PodOnNode["runtime"]["exec"]>[1]): Promise<unknown> {
  try {
    const exitCode = await pod.runtime.exec(pod.container, request);
    if (exitCode === 0) return SUCCESS;
    return {
      metadata: {},
      status: "Failure",
      message: `command terminated with non-zero exit code: command terminated with exit code ${exitCode}`,
      reason: "NonZeroExitCode",
      details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
    };
  } catch (error) {
    return statusOf(failureOf(error));
  }
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

function receive(message: Buffer, stdin: PassThrough | undefined): void {
  const [channel, closed] = message;
  if (channel === CHANNEL.stdin && message.length > 1) stdin?.write(message.subarray(1));
  if (channel === CHANNEL.close && closed === CHANNEL.stdin) stdin?.end();
}

/** A stream whose chunks go out on one channel. It holds the command back while the client is slow. */
function channelWriter(socket: WebSocket, channel: number): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (socket.readyState !== WebSocket.OPEN) return done();
      socket.send(Buffer.concat([Uint8Array.of(channel), chunk]));
      whenTaken(socket, done);
    },
  });
}

function whenTaken(socket: WebSocket, done: () => void): void {
  if (socket.bufferedAmount < BACKLOG_MAX_BYTES || socket.readyState !== WebSocket.OPEN) done();
  else setTimeout(() => whenTaken(socket, done), BACKLOG_LOOK_MS);
}

function flushed(stream: Writable | undefined): Promise<void> {
  return stream === undefined || stream.writableFinished || stream.destroyed
    ? Promise.resolve()
    : new Promise((resolve) => void stream.end(resolve));
}
