import { readKubeletFlags } from "../kubelet/flags.ts";
import type { KubeletWishes } from "../kubelet/settings.ts";
import { read, refused, type Reading } from "../problem.ts";
import { shellCommands, type Command, type Word } from "../shell/words.ts";

/** What a call of `/etc/eks/bootstrap.sh` asks of an Amazon Linux 2 node. */
export interface BootstrapCall {
  readonly clusterName: string;
  /** Whether the script writes max pods for the instance type; `--use-max-pods`. */
  readonly usesMaxPods: boolean;
  readonly kubelet: KubeletWishes;
}

/** The script's options that take a word (amazon-eks-ami, templates/al2/runtime/bootstrap.sh); any other word is the cluster's name. */
const OPTIONS = new Set([
  "--apiserver-endpoint",
  "--aws-api-retry-attempts",
  "--b64-cluster-ca",
  "--cluster-id",
  "--container-runtime",
  "--containerd-config-file",
  "--dns-cluster-ip",
  "--docker-config-json",
  "--enable-docker-bridge",
  "--enable-local-outpost",
  "--ip-family",
  "--kubelet-extra-args",
  "--local-disks",
  "--mount-bpf-fs",
  "--pause-container-account",
  "--pause-container-version",
  "--service-ipv6-cidr",
  "--use-max-pods",
]);

const SCRIPT = /(?:^|\/)bootstrap\.sh$/;

/** Whether some command of a script calls EKS's bootstrap script. */
export function callsBootstrap(script: string): boolean {
  const commands = shellCommands(script);
  return commands.ok && commands.value.some((command) => callIn(command) !== undefined);
}

/**
 * The node that the scripts of an AL2 instance's user data make: the scripts run in their order, and the last call of bootstrap.sh that
 * gets through decides, since each writes kubelet's files anew.
 */
export function bootstrapCallOf(scripts: readonly string[]): Reading<BootstrapCall> {
  let last: Reading<BootstrapCall> | undefined;
  for (const script of scripts) {
    const commands = shellCommands(script);
    if (!commands.ok) return commands;
    for (const command of commands.value) {
      const words = callIn(command);
      if (words !== undefined) last = readCall(words, command);
    }
  }
  return (
    last ??
    refused("the user data never calls /etc/eks/bootstrap.sh <cluster name>, so kubelet is not started; call it in a shell script part")
  );
}

/** The words after the script's name, where a command calls it, be it through a shell. */
function callIn({ words }: Command): readonly Word[] | undefined {
  const at = words.findIndex(({ text }) => SCRIPT.test(text));
  const isCall =
    at === 0 ||
    (at > 0 && words.slice(0, at).every(({ text }) => /^(?:\/bin\/|\/usr\/bin\/)?(?:ba)?sh$|^-[a-z]+$|^env$|^[A-Za-z_]\w*=/.test(text)));
  return isCall ? words.slice(at + 1) : undefined;
}

interface Arguments {
  readonly options: ReadonlyMap<string, Word>;
  readonly positional: readonly Word[];
}

function readCall(words: readonly Word[], { variables, line }: Command): Reading<BootstrapCall> {
  const given = readArguments(words, line);
  if (!given.ok) return given;
  const { options, positional } = given.value;
  const [cluster] = positional;
  if (cluster === undefined || cluster.text === "") return refused(`bootstrap.sh on line ${line} is given no cluster name`);
  if (!cluster.isKnown) {
    return refused(
      `bootstrap.sh on line ${line} takes the cluster's name from a command; only a running shell could tell it. Write it out`,
    );
  }
  const wrong = wrongOption(options, line);
  if (wrong !== undefined) return refused(wrong);
  const usesMaxPods = (options.get("--use-max-pods") ?? variables.get("USE_MAX_PODS"))?.text ?? "true";
  const kubelet = kubeletOf(options.get("--kubelet-extra-args") ?? variables.get("KUBELET_EXTRA_ARGS"), options.get("--dns-cluster-ip"));
  if (!kubelet.ok)
    return refused(...kubelet.problems.map((problem) => `${problem} (--kubelet-extra-args of bootstrap.sh on line ${line})`));
  return read({ clusterName: cluster.text, usesMaxPods: usesMaxPods === "true", kubelet: kubelet.value });
}

function readArguments(words: readonly Word[], line: number): Reading<Arguments> {
  const options = new Map<string, Word>();
  const positional: Word[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word === undefined) break;
    if (word.text === "-h" || word.text === "--help") {
      return refused(`bootstrap.sh on line ${line} is asked for its help and ends; leave ${word.text} out`);
    }
    if (!OPTIONS.has(word.text)) {
      positional.push(word);
      continue;
    }
    const value = words[++index];
    if (value === undefined) return refused(`bootstrap.sh on line ${line} ends with ${word.text}, which needs a value`);
    options.set(word.text, value);
  }
  return read({ options, positional });
}

function wrongOption(options: ReadonlyMap<string, Word>, line: number): string | undefined {
  const family = options.get("--ip-family");
  if (family?.isKnown === true && !/^ipv[46]$/i.test(family.text)) {
    return `bootstrap.sh on line ${line} has --ip-family ${JSON.stringify(family.text)}; it takes ipv4 or ipv6`;
  }
  const runtime = options.get("--container-runtime");
  if (runtime?.isKnown === true && runtime.text !== "containerd") {
    return `bootstrap.sh on line ${line} has --container-runtime ${JSON.stringify(runtime.text)}; since Kubernetes 1.24 there is containerd only`;
  }
  return undefined;
}

/** The script puts the arguments on kubelet's command line unquoted: they are split at blanks. */
function kubeletOf(args: Word | undefined, dns: Word | undefined): Reading<KubeletWishes> {
  if (args !== undefined && !args.isKnown) {
    return refused("kubelet's arguments hold a command or an unset variable, whose value only a running shell could tell; write them out");
  }
  const wishes = readKubeletFlags((args?.text ?? "").split(/\s+/).filter((word) => word !== ""));
  if (!wishes.ok || dns === undefined || !dns.isKnown) return wishes;
  return read({ clusterDns: dns.text.split(","), ...wishes.value });
}
