import { askAgent } from "./ask-agent.ts";
import { logCall, type LogPlace } from "./call-log.ts";
import { CNI_VERSIONS, CODES, COMMANDS, DEFAULT_SOCKET, INPUT_MAX, PluginError, type CniCommand, type CniVersion } from "./contract.ts";
import { readEnvironment, type Environment } from "./environment.ts";

/** What the plugin is started with, and where it speaks. */
export interface PluginIo {
  readonly env: Environment;
  readonly stdin: AsyncIterable<Buffer>;
  readonly stdout: (text: string | Buffer) => void;
  readonly stderr: (text: string) => void;
}

/** Runs the plugin once; resolves to its exit code. The twin of `native/aws-cni.c`. */
export async function runPlugin(io: PluginIo): Promise<number> {
  const command = io.env["CNI_COMMAND"];
  if (command === undefined || command === "") {
    io.stderr(`aws-cni: CNI plugin of slash28, for CNI versions ${CNI_VERSIONS.join(", ")}; a container runtime starts it\n`);
    return 0;
  }
  if (command === "VERSION") {
    io.stdout(`${JSON.stringify({ cniVersion: "1.1.0", supportedVersions: CNI_VERSIONS })}\n`);
    return 0;
  }
  const startedAt = performance.now();
  let log: LogPlace = { file: undefined, level: undefined };
  const told = (failure: string | undefined): void =>
    logCall(log, { verb: command, env: io.env, startedAt, ...(failure === undefined ? {} : { failure }) });
  try {
    const reply = await serve(command, io, (place) => (log = place));
    io.stdout(reply.body);
    told(reply.exitCode === 0 ? undefined : reply.body.toString("latin1"));
    return reply.exitCode;
  } catch (cause) {
    if (!(cause instanceof PluginError)) throw cause;
    io.stdout(cause.print());
    told(cause.message);
    return 1;
  }
}

async function serve(
  verb: string,
  io: PluginIo,
  onLog: (place: LogPlace) => void,
): Promise<{ readonly exitCode: number; readonly body: Buffer }> {
  if (!isCommand(verb)) throw new PluginError(CODES.badEnvironment, `CNI_COMMAND ${verb} is unknown`);
  const headers = readEnvironment(verb, io.env);
  const input = await readInput(io.stdin);
  const config = parseConfig(input);
  onLog({ file: config["pluginLogFile"], level: config["pluginLogLevel"] });
  const version = checkVersion(config["cniVersion"], verb);
  const reply = await askAgent(socketOf(config["agentSocket"], version), headers, input);
  if (reply !== undefined) return reply;
  const code = verb === "STATUS" ? CODES.cannotServe : CODES.tryAgain;
  throw new PluginError(code, "the agent on this node does not answer; the runtime tries again", version);
}

function isCommand(verb: string): verb is CniCommand {
  return Object.hasOwn(COMMANDS, verb);
}

async function readInput(stdin: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stdin) {
      length += chunk.length;
      if (length > INPUT_MAX) throw new PluginError(CODES.ioFailure, `the network configuration is longer than ${INPUT_MAX} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof PluginError) throw cause;
    throw new PluginError(CODES.ioFailure, `reading the network configuration: ${String(cause)}`);
  }
  return Buffer.concat(chunks);
}

function parseConfig(input: Buffer): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(input.toString("utf8"));
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new PluginError(CODES.badJson, "the network configuration is not a JSON object");
  return parsed as Record<string, unknown>;
}

function checkVersion(told: unknown, verb: CniCommand): CniVersion {
  const text = typeof told === "string" ? told : "";
  const version = CNI_VERSIONS.find((each) => each === text);
  if (version === undefined)
    throw new PluginError(CODES.incompatibleVersion, `cniVersion "${text.slice(0, 40)}" is not one of ${CNI_VERSIONS.join(", ")}`);
  const since = COMMANDS[verb];
  if (CNI_VERSIONS.indexOf(version) < CNI_VERSIONS.indexOf(since))
    throw new PluginError(CODES.incompatibleVersion, `${verb} needs cniVersion ${since} or later, not ${version}`, version);
  return version;
}

/** Linux keeps a socket's path in 108 bytes with its terminator. */
function socketOf(told: unknown, version: CniVersion): string {
  if (typeof told !== "string") return DEFAULT_SOCKET;
  if (told === "" || Buffer.byteLength(told) >= 108 || told.includes("\\"))
    throw new PluginError(CODES.badConfig, `agentSocket "${told.slice(0, 120)}" is not a socket path`, version);
  return told;
}
