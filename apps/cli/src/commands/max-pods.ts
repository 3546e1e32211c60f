import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { explainMaxPods, instanceTypes, leastMaxPods, maxPodsOf, type MaxPods, type MaxPodsOptions } from "@slash28/limits";
import { instanceTypeFromMetadata } from "../max-pods/instance-type-from-metadata.ts";
import { OUTPUT_FORMATS, printResult, renderTable, usageError, type Column, type OutputFormat } from "../output/index.ts";
import type { CommandContext } from "./command-context.ts";

type Settings = Omit<MaxPodsOptions, "instance">;

/** `slash28 max-pods`: the calculator that EKS operators know, with its option names. */
export function maxPodsCommand(context: CommandContext): Command {
  const command = new Command("max-pods")
    .description("How many pods a node of an instance type can run, and why.")
    .option("--instance-type <type...>", "EC2 instance type; several give the least, as a mixed node group gets")
    .option("--instance-type-from-imds", "take the type from the instance metadata service")
    .option("--all", "every instance type")
    .requiredOption("--cni-version <version>", "VPC CNI version, such as 1.18.0")
    .option("--cni-prefix-delegation-enabled", "count /28 prefixes where type and version allow them")
    .option("--cni-custom-networking-enabled", "the primary ENI carries no pods")
    .option("--cni-max-eni <count>", "upper bound of ENIs (MAX_ENI)", count)
    .option("--show-max-allowed", "without the cap of 110 or 250")
    .option("--security-groups-for-pods", "one ENI becomes the trunk")
    .option("--ipv6", "an IPv6 cluster")
    .option("--reserved-enis <count>", "ENIs kept from the CNI", count)
    .option("--explain", "say how the number comes about")
    .addOption(new Option("-o, --output <format>", "how to print it").choices(OUTPUT_FORMATS).default("table" as const))
    .action(async (options) => {
      const settings: Settings = {
        cniVersion: options.cniVersion,
        prefixDelegation: options.cniPrefixDelegationEnabled === true,
        customNetworking: options.cniCustomNetworkingEnabled === true,
        securityGroupsForPods: options.securityGroupsForPods === true,
        ipv6: options.ipv6 === true,
        showMaxAllowed: options.showMaxAllowed === true,
        ...(options.cniMaxEni === undefined ? {} : { maxEni: options.cniMaxEni }),
        ...(options.reservedEnis === undefined ? {} : { reservedEnis: options.reservedEnis }),
      };
      if (options.all === true) {
        if (options.instanceType !== undefined || options.instanceTypeFromImds)
          throw usageError("--all takes every type; leave --instance-type and --instance-type-from-imds out");
        return printAll(context, options.output, settings);
      }
      const types = options.instanceTypeFromImds === true ? [await instanceTypeFromMetadata(context.env)] : options.instanceType;
      if (types === undefined) throw usageError("which instance type? give --instance-type m5.large, --instance-type-from-imds, or --all");
      printOne(context, options.output, types, { settings, isExplained: options.explain === true });
    });
  command.addHelpText(
    "after",
    `
Examples:
  slash28 max-pods --instance-type m5.large --cni-version 1.18.0                                     29
  slash28 max-pods --instance-type m5.large --cni-version 1.18.0 --cni-prefix-delegation-enabled     110
  slash28 max-pods --instance-type m5.xlarge --cni-version 1.18.0 --explain
  slash28 max-pods --all --show-max-allowed --cni-version 1.18.0 -o json`,
  );
  return command;
}

function printOne(
  { terminal }: CommandContext,
  format: OutputFormat,
  types: readonly string[],
  { settings, isExplained }: { readonly settings: Settings; readonly isExplained: boolean },
): void {
  const result = leastMaxPods(types, settings);
  if (!result.ok) throw usageError(result.error.message);
  const { value } = result;
  printResult(terminal, format, value, () =>
    isExplained ? [String(value.maxPods), ...explainMaxPods(value).map((line) => `  ${line}`)].join("\n") : String(value.maxPods),
  );
}

/** The types that the upstream table leaves out have no place in a list that is compared with it: those whose options make no sense are skipped. */
function printAll({ terminal }: CommandContext, format: OutputFormat, settings: Settings): void {
  const values: MaxPods[] = [];
  for (const instance of instanceTypes()) {
    const result = maxPodsOf({ ...settings, instance });
    if (result.ok) values.push(result.value);
    else if (
      result.error.code === "CNI_VERSION_INVALID" ||
      result.error.code === "OPTIONS_CONFLICT" ||
      result.error.code === "NUMBER_INVALID"
    )
      throw usageError(result.error.message);
  }
  values.sort((a, b) => (a.type < b.type ? -1 : 1));
  const numbers = Object.fromEntries(values.map((value) => [value.type, value.maxPods]));
  printResult(terminal, format, numbers, () => renderTable(COLUMNS, values));
}

const COLUMNS: readonly Column<MaxPods>[] = [
  { head: "type", cell: (value) => value.type },
  { head: "max pods", cell: (value) => value.maxPods, align: "right" },
  { head: "enis", cell: (value) => value.enis.usable, align: "right" },
  { head: "addresses per eni", cell: (value) => value.addressesPerEni, align: "right" },
  { head: "mode", cell: (value) => value.mode },
  { head: "capped", cell: (value) => (value.isCapped ? `at ${value.cap}` : "") },
];

function count(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
