import type { Container } from "./pod.ts";

/** What stands in for an image: files of this machine instead of a pulled root filesystem. */
export interface ImageRule {
  /** `*` matches any characters. Compared with the image without registry `docker.io/`, `library/`, tag, and digest. */
  readonly image: string;
  /** Runs unless the container gives `command`. Absent: an image without a program of its own. */
  readonly entrypoint?: readonly string[];
  /** Arguments unless the container gives `args` or `command`. */
  readonly args?: readonly string[];
  /** The entrypoint is run even if the container gives a `command`: the image's real program does not exist here. */
  readonly isPinned?: boolean;
  /** The image's real program as a `command` names it: what comes after it there are arguments of the pinned entrypoint. */
  readonly program?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A real process also where the data plane is simulated; `env` then overrides the container's, whose paths are not those of this machine. */
  readonly runsSimulated?: boolean;
  readonly workingDir?: string;
  /** Files of this machine the stand-in needs, put at the same or another place, read-only. */
  readonly files?: readonly { readonly source: string; readonly target: string }[];
}

export type ImageChoice =
  | { readonly ok: true; readonly argv: readonly string[]; readonly rule: ImageRule }
  | { readonly ok: false; readonly why: string };

/** The images every lab knows. `web` is the path of the web server that stands in for nginx. */
export function wellKnownImages(web: string): readonly ImageRule[] {
  const files = [{ source: web, target: "/usr/local/bin/slash28-web" }];
  return [
    ...["nginx", "nginx-*", "*/nginx", "*/nginx-unprivileged"].map((image) => ({
      image,
      entrypoint: ["/usr/local/bin/slash28-web"],
      args: [image.endsWith("unprivileged") ? "8080" : "80"],
      files,
    })),
    // Only a command, no entrypoint: a container's `args` take its place, as in `kubectl run --image=busybox -- date`.
    ...["busybox", "alpine", "debian", "ubuntu", "amazonlinux", "*/amazonlinux"].map((image) => ({
      image,
      entrypoint: [],
      args: ["/bin/sh"],
    })),
    { image: "bash", entrypoint: commandOr("bash") },
    ...["curlimages/curl", "*/curlimages/curl"].map((image) => ({ image, entrypoint: commandOr("curl") })),
    ...["*/pause", "pause"].map((image) => ({
      image,
      entrypoint: ["/bin/sh", "-c", "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done"],
      isPinned: true,
    })),
    ...["*/amazon-k8s-cni-init", "amazon-k8s-cni-init"].map((image) => ({ image, entrypoint: ["/bin/true"], isPinned: true })),
  ];
}

/** An entrypoint that runs its arguments if they are a command, else this program with them; what these images' own scripts do. */
function commandOr(program: string): readonly string[] {
  const isCommand = `case "\${1:--}" in -*) false ;; *) command -v "$1" > /dev/null ;; esac`;
  return ["/bin/sh", "-c", `if ${isCommand}; then exec "$@"; else exec ${program} "$@"; fi`, program];
}

/** What a container runs. The first rule that matches its image decides; without one its own `command` is run. */
export function chooseProgram(container: Container, rules: readonly ImageRule[]): ImageChoice {
  const image = container.image ?? "";
  const rule = rules.find((rule) => matches(rule.image, plainName(image))) ?? { image };
  const command =
    rule.isPinned === true || container.command === undefined || container.command.length === 0 ? undefined : container.command;
  const own = container.args === undefined || container.args.length === 0 ? undefined : container.args;
  const args = own ?? (command === undefined ? rule.args : undefined) ?? [];
  const argv = [...(command ?? rule.entrypoint ?? []), ...wordsAfter(rule.program, container.command), ...args];
  if (argv.length > 0 && (command !== undefined || rule.entrypoint !== undefined)) return { ok: true, argv, rule };
  return {
    ok: false,
    why: `no stand-in for the image "${image}": a lab pulls nothing; give the container a command of this machine, or add the image to the lab's image table`,
  };
}

function wordsAfter(program: string | undefined, command: readonly string[] = []): readonly string[] {
  const place = program === undefined ? -1 : command.indexOf(program);
  return place < 0 ? [] : command.slice(place + 1);
}

/** `docker.io/library/nginx:1.27@sha256:…` is `nginx`. */
function plainName(image: string): string {
  const named = image.split("@")[0] ?? "";
  const untagged = named.replace(/:[^:/]*$/, "");
  return untagged.replace(/^(index\.)?docker\.io\//, "").replace(/^library\//, "");
}

function matches(pattern: string, name: string): boolean {
  const source = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${source.join(".*")}$`).test(name);
}
