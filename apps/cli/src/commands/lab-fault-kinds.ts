import { Argument, Command, InvalidArgumentError, Option, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { controlClient, FAULT_SECONDS_MAX, faultOrderSchema, type FaultKind } from "@slash28/lab";
import { runningLab } from "../lab/running-lab.ts";
import { OUTPUT_FORMATS, printResult, usageError } from "../output/index.ts";
import type { CommandContext } from "./command-context.ts";

/** How a kind of fault is ordered on the command line. */
interface FaultForm {
  readonly kind: FaultKind;
  readonly does: string;
  /** What it is done to; the name is the order's field. */
  readonly argument?: { readonly name: string; readonly what: string; readonly isOptional?: true };
  readonly options?: readonly Option[];
  readonly happensOnce?: true;
  readonly example: string;
}

const FORMS: readonly FaultForm[] = [
  {
    kind: "throttle",
    does: "AWS refuses calls for being too many.",
    options: [actions("ec2:*")],
    example: "throttle --for 30s",
  },
  {
    kind: "latency",
    does: "AWS takes longer to answer.",
    options: [actions("*"), new Option("--delay-ms <milliseconds>", "how much longer").argParser(whole).makeOptionMandatory()],
    example: "latency --delay-ms 3000 --actions ec2:AssignPrivateIpAddresses --for 2m",
  },
  {
    kind: "fail",
    does: "AWS answers calls with an error.",
    options: [
      actions("ec2:*"),
      new Option("--code <code>", "which error").default("InternalError"),
      new Option("--status <status>", "with which HTTP status; that of the code when absent").argParser(whole),
      new Option("--percent <share>", "so many of a hundred").argParser(whole).default(100),
    ],
    example: "fail --actions ec2:AttachNetworkInterface --percent 50 --for 1m",
  },
  {
    kind: "deny-permission",
    does: "IAM denies an action to everyone.",
    argument: { name: "actions", what: "such as ec2:CreateNetworkInterface; * stands for anything" },
    example: "deny-permission ec2:AssignPrivateIpAddresses --for 1m",
  },
  {
    kind: "stale-imds",
    does: "The metadata service goes on telling what was true when it began.",
    options: [new Option("--node <node>", "of which node; of all when absent"), cluster()],
    example: "stale-imds --for 1m",
  },
  {
    kind: "fill-subnet",
    does: "Somebody else takes the free addresses of a subnet.",
    argument: { name: "subnet", what: "its id; `slash28 lab status` tells them" },
    options: [new Option("--leave <count>", "addresses to leave free").argParser(whole).default(0)],
    example: "fill-subnet subnet-0123456789abcdef0 --leave 3 --for 5m",
  },
  {
    kind: "fragment-subnet",
    does: "Somebody else takes one address out of every free /28 of a subnet: addresses are left, prefixes are not.",
    argument: { name: "subnet", what: "its id; `slash28 lab status` tells them" },
    example: "fragment-subnet subnet-0123456789abcdef0 --for 5m",
  },
  {
    kind: "delete-eni",
    does: "Somebody detaches an ENI by force and deletes it, whatever pods have addresses of it. Happens once.",
    argument: { name: "eni", what: "its id" },
    happensOnce: true,
    example: "delete-eni eni-0123456789abcdef0",
  },
  {
    kind: "cut-node",
    does: "A node's network is cut: no packet passes, and its kubelet does not reach the API.",
    argument: { name: "node", what: "its name or its instance id" },
    options: [cluster()],
    example: "cut-node ip-10-0-0-4.ec2.internal --for 90s",
  },
  {
    kind: "stop-node",
    does: "A node's instance is stopped, and started again afterwards.",
    argument: { name: "node", what: "its name or its instance id" },
    options: [cluster()],
    example: "stop-node ip-10-0-0-4.ec2.internal --for 90s",
  },
  {
    kind: "api-server-down",
    does: "The Kubernetes API accepts no connection, and the cluster's controllers stand still.",
    options: [cluster()],
    example: "api-server-down --for 30s",
  },
];

/** One command per kind of fault. */
export function faultKindCommands(context: CommandContext): readonly CommandUnknownOpts[] {
  return FORMS.map((form) => command(context, form));
}

function command(context: CommandContext, form: FaultForm): CommandUnknownOpts {
  const made: CommandUnknownOpts = new Command(form.kind).description(form.does);
  if (form.argument !== undefined) made.addArgument(new Argument(`<${form.argument.name}>`, form.argument.what));
  for (const option of form.options ?? []) made.addOption(option);
  if (form.happensOnce !== true) made.addOption(duration());
  made.addOption(new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const));
  made.addHelpText("after", `\nExample:\n  slash28 lab fault ${form.example}`);
  return made.action(() => order(context, form, made.args[0], made.opts()));
}

async function order(
  context: CommandContext,
  { kind, argument }: FaultForm,
  given: string | undefined,
  { for: seconds, output, ...options }: Readonly<Record<string, unknown>>,
): Promise<void> {
  const fields = { ...(argument === undefined ? {} : { [argument.name]: given }), ...(seconds === undefined ? {} : { seconds }) };
  const checked = faultOrderSchema.safeParse({ kind, ...options, ...fields });
  if (!checked.success) throw usageError(checked.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n"));
  await runningLab(context);
  const fault = await controlClient(context.labPaths.control).orderFault(checked.data);
  const lasts = fault.until === undefined ? "" : `, until ${fault.until}`;
  printResult(context.terminal, output as (typeof OUTPUT_FORMATS)[number], fault, () => `${fault.id}: ${fault.detail}${lasts}`);
}

function actions(standard: string): Option {
  return new Option("--actions <pattern>", "which calls, such as ec2:Describe*").default(standard);
}

function cluster(): Option {
  return new Option("--cluster <name>", "of which cluster of the lab; its own when absent");
}

function duration(): Option {
  return new Option("--for <duration>", "how long, such as 30s or 5m").argParser(seconds).makeOptionMandatory();
}

function seconds(text: string): number {
  const match = /^(\d{1,5})(s|m)?$/.exec(text);
  const value = match === null ? 0 : Number(match[1]) * (match[2] === "m" ? 60 : 1);
  if (value < 1 || value > FAULT_SECONDS_MAX) throw new InvalidArgumentError(`Give seconds or minutes, 1s to ${FAULT_SECONDS_MAX / 60}m.`);
  return value;
}

function whole(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
