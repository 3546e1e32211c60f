import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";

/** How the server is run; every flag has upstream's name. */
export interface ServerFlags {
  readonly clusterName: string;
  readonly port: number;
  readonly probePort: number;
  readonly metricsPort: number;
  readonly metricsAddress: string;
  /** Addresses, IPv6 without brackets. */
  readonly bindHosts: readonly string[];
  readonly maxCacheSize: number;
  readonly maxServiceQps: number;
  readonly retentionMs: number;
  readonly endpoint: string | undefined;
  readonly rotateCredentials: boolean;
  readonly verbosity: Verbosity;
}

export const VERBOSITIES = ["panic", "fatal", "error", "warn", "info", "debug", "trace"] as const;
export type Verbosity = (typeof VERBOSITIES)[number];

export interface Commands {
  readonly server: (flags: ServerFlags) => Promise<void>;
  readonly initialize: (verbosity: Verbosity) => void;
}

const BIND_HOSTS: readonly string[] = ["169.254.170.23", "fd00:ec2::23"];
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** The two subcommands of the agent, as the add-on's manifest calls them. */
export function agentProgram(commands: Commands): Command {
  const program = new Command("eks-pod-identity-agent").description("gives pods the AWS credentials of their service account");
  program
    .command("initialize")
    .description("puts the agent's addresses on this host; run before the server, as root")
    .addOption(verbosity())
    .action((options) => commands.initialize(options.verbosity));
  program
    .command("server")
    .description("serves credentials to pods")
    .requiredOption("-c, --cluster-name <name>", "the EKS cluster this node is of")
    .option("-p, --port <port>", "where credentials are served", portOf, 80)
    .option("--probe-port <port>", "where probes are answered, on loopback", portOf, 2703)
    .option("--metrics-port <port>", "where metrics are served", portOf, 2705)
    .option("--metrics-address <address>", "the address metrics are served at", "0.0.0.0")
    .option(
      "-b, --bind-hosts <address>",
      "an address to serve credentials at; may be given more than once, or several with commas",
      hostsOf,
    )
    .addOption(
      new Option("--max-credential-retention-before-renewal <duration>", "how old credentials become before they are renewed")
        .argParser(durationOf)
        .default(3 * 3_600_000, "3h"),
    )
    .option("--max-cache-size <entries>", "pods whose credentials are kept; 0: none", countOf, 2_000)
    .option("--max-service-qps <calls>", "renewals in a second", rateOf, 3)
    .option("--endpoint <url>", "EKS Auth's endpoint, instead of the Region's own")
    .option("--rotate-credentials", "sign with the shared credentials file, read anew every minute", false)
    .addOption(verbosity())
    .action(async ({ bindHosts, maxCredentialRetentionBeforeRenewal: retentionMs, endpoint, ...flags }) =>
      commands.server({ ...flags, retentionMs, endpoint, bindHosts: bindHosts ?? BIND_HOSTS }),
    );
  return program;
}

function verbosity(): Option<"-v, --verbosity <level>", undefined, "info", undefined, false, Verbosity> {
  return new Option("-v, --verbosity <level>", "how much is logged").choices(VERBOSITIES).default("info" as const);
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError("it must be a port, 0 to 65535.");
  return port;
}

function countOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("it must be a whole number, 0 or more.");
  return Number(text);
}

function rateOf(text: string): number {
  const rate = Number(text);
  if (text.trim() === "" || !Number.isFinite(rate) || rate <= 0) throw new InvalidArgumentError("it must be a number above 0.");
  return rate;
}

/** A duration as Go writes it: `3h`, `1h30m`, `90s`; a plain 0 is none. */
function durationOf(text: string): number {
  if (text === "0") return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new InvalidArgumentError("it must be a duration such as 3h, 1h30m or 90s.");
  }
  return parts.reduce((sum, [, value = "0", unit = "s"]) => sum + Number(value) * (UNITS_MS[unit] ?? 0), 0);
}

function hostsOf(text: string, before: readonly string[] | undefined): readonly string[] {
  const hosts = text.split(",").map((host) => host.trim().replace(/^\[(.*)\]$/, "$1"));
  if (hosts.includes("")) throw new InvalidArgumentError("it must be an address, such as 169.254.170.23 or [fd00:ec2::23].");
  return [...(before ?? []), ...hosts];
}
