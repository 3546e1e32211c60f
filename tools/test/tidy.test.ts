import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Which packages of this house each package may import: the table of ARCHITECTURE.md. Imports point down, never up or sideways. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "core/address": [],
  "core/limits": [],
  "core/vpc": ["address", "limits"],
  "core/eks": ["address"],
  "core/ipam": ["address", "limits"],
  "core/host-network": ["address"],
  "core/netlink": ["address"],
  "core/kube-store": [],
  "core/kube-rbac": ["kube-store"],
  "core/simulation": ["address", "ipam"],
  "core/fleet": ["address", "cluster-file", "limits", "vpc", "ipam", "simulation", "ports"],
  "core/advisor": ["address", "limits", "vpc", "ipam", "iam", "kube-store", "fleet", "cluster-file", "node-bootstrap"],
  "core/ports": ["address", "host-network"],
  "core/cluster-file": ["address", "ipam", "limits"],
  "core/cluster-dns": ["address"],
  "core/iam": ["address"],
  "core/pod-identity": ["kube-store"],
  "core/node-bootstrap": ["limits"],
  "core/node-groups": ["eks", "limits", "node-bootstrap"],
  "adapters/linux": ["address", "host-network", "netlink", "ports"],
  "adapters/aws": ["address", "ports"],
  "adapters/kube": ["ports"],
  "adapters/dns": ["cluster-dns", "ports"],
  "adapters/log": ["ports"],
  "apps/agent": ["address", "limits", "ipam", "host-network", "ports", "linux", "aws", "kube", "log"],
  "apps/cni": [],
  "apps/lab": [
    "address",
    "limits",
    "vpc",
    "node-bootstrap",
    "node-groups",
    "iam",
    "eks",
    "ipam",
    "cluster-file",
    "cluster-dns",
    "host-network",
    "kube-store",
    "kube-rbac",
    "pod-identity",
    "ports",
    "linux",
    "kube",
    "dns",
  ],
  "apps/dns": ["cluster-dns", "ports", "kube", "dns"],
  "apps/pod-identity-agent": ["address", "pod-identity", "ports", "linux", "aws", "log"],
  "apps/cli": ["address", "limits", "vpc", "advisor", "cluster-file", "fleet", "ipam", "ports", "aws", "kube", "lab"],
};

/** Runtime packages from outside, per package of this house; each has its reason in ARCHITECTURE.md. */
const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  "core/cluster-file": ["zod"],
  "core/fleet": ["zod"],
  "core/advisor": ["yaml", "zod"],
  "core/eks": ["@cfworker/json-schema"],
  "core/node-bootstrap": ["@marcbachmann/cel-js", "smol-toml", "yaml"],
  "adapters/linux": ["koffi"],
  "adapters/aws": ["aws4fetch", "fast-xml-parser"],
  "adapters/kube": ["yaml"],
  "adapters/dns": ["dns-packet"],
  "adapters/log": ["pino"],
  "apps/agent": ["@grpc/grpc-js", "@grpc/proto-loader", "prom-client"],
  "apps/lab": [
    "hono",
    "@hono/node-server",
    "@marcbachmann/cel-js",
    "ws",
    "yaml",
    "@peculiar/x509",
    "reflect-metadata",
    "jose",
    "zod",
    "croner",
    "@smithy/core",
  ],
  "apps/dns": ["prom-client"],
  "apps/pod-identity-agent": ["aws4fetch", "commander", "@commander-js/extra-typings", "prom-client"],
  "apps/cli": [
    "cli-progress",
    "commander",
    "@commander-js/extra-typings",
    "d3-scale",
    "d3-shape",
    "picocolors",
    "string-width",
    "@clack/prompts",
    "yaml",
  ],
};

const BANNED_NAMES = /^(utils?|helpers?|common|manager|misc)$/;
/** Nothing unfinished; a lint rule may be left out for one line, with the reason behind it. */
const BANNED_TEXT = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck)|eslint-disable|oxlint-disable(?!-next-line [\w/-]+ -- \S)/;
const LINES_MAX = 400;

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const packages = Object.keys(MAY_IMPORT).map((folder) => ({
  folder,
  manifest: JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest,
}));

function sources(folder: string): string[] {
  const at = join(root, folder);
  if (!existsSync(at)) return [];
  return readdirSync(at, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.split("/").includes("generated"))
    .map((name) => join(at, name));
}

/** Every module a file names; types alone are left out when asked: they are gone at run time. */
function importsOf(file: string, { withTypes = true } = {}): string[] {
  const whole = readFileSync(file, "utf8");
  const text = withTypes ? whole : whole.replaceAll(/^(?:import|export) type [^"';]*from\s*"[^"]+";?$/gm, "");
  return [...text.matchAll(/(?:^|\s)(?:import|export)[^"';]*from\s*"([^"]+)"|import\(\s*"([^"]+)"|^import\s+"([^"]+)"/gm)].flatMap(
    (match) => match[1] ?? match[2] ?? match[3] ?? [],
  );
}

function packageOf(specifier: string): string {
  return specifier.startsWith("@") ? specifier.split("/").slice(0, 2).join("/") : (specifier.split("/")[0] ?? specifier);
}

describe.each(packages)("$folder", ({ folder, manifest }) => {
  const allowed = new Set([...(MAY_IMPORT[folder] ?? []).map((name) => `@slash28/${name}`), ...(OUTSIDE[folder] ?? [])]);

  test("declares only what the house allows it", () => {
    expect(Object.keys(manifest.dependencies ?? {}).filter((name) => !allowed.has(name))).toEqual([]);
  });

  test("pins what it declares exactly", () => {
    expect(Object.values(manifest.dependencies ?? {}).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test("imports only what it declares", () => {
    const declared = new Set(Object.keys(manifest.dependencies ?? {}));
    const foreign = sources(`${folder}/src`).flatMap((file) =>
      importsOf(file, { withTypes: manifest.devDependencies === undefined })
        .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:") && !declared.has(packageOf(specifier)))
        .map((specifier) => `${relative(root, file)} imports ${specifier}`),
    );
    expect(foreign).toEqual([]);
  });

  test.runIf(folder.startsWith("core/"))("is pure: no Node module, no clock, no randomness", () => {
    const impure = sources(`${folder}/src`).filter((file) => {
      const text = readFileSync(file, "utf8");
      return (
        importsOf(file).some((specifier) => specifier.startsWith("node:")) ||
        /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bsetTimeout\(|\bprocess\.[a-z]/.test(text)
      );
    });
    expect(impure.map((file) => relative(root, file))).toEqual([]);
  });

  test("reaches into no other package past its face", () => {
    const past = sources(`${folder}/src`).flatMap((file) =>
      importsOf(file).filter((specifier) => /^@slash28\/[^/]+\/(src|dist)/.test(specifier) || escapes(folder, file, specifier)),
    );
    expect(past).toEqual([]);
  });

  test("has a README that says what it is for", () => {
    expect(readFileSync(join(root, folder, "README.md"), "utf8").split("\n").length).toBeGreaterThan(5);
  });

  test("keeps its rooms small and named for what they hold", () => {
    const files = sources(`${folder}/src`);
    expect(tooLong(files)).toEqual([]);
    expect(badNames(files)).toEqual([]);
  });

  test("leaves nothing unfinished and silences no check", () => {
    expect(unfinished(sources(`${folder}/src`))).toEqual([]);
  });
});

test("ARCHITECTURE.md has the same table", () => {
  const rows = readFileSync(join(root, "ARCHITECTURE.md"), "utf8").matchAll(
    /^\| `((?:core|adapters|apps)\/[\w-]+)` \|[^|]+\| ([^|]+) \|$/gm,
  );
  const table = Object.fromEntries(
    [...rows].map(([, folder = "", names = ""]) => [folder, names === "–" ? [] : names.split(", ").toSorted()]),
  );
  expect(table).toEqual(Object.fromEntries(Object.entries(MAY_IMPORT).map(([folder, names]) => [folder, names.toSorted()])));
});

test("ARCHITECTURE.md names every package from outside", () => {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  expect([...new Set(Object.values(OUTSIDE).flat())].filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

/** What is not shipped is kept as tidy. */
describe.each(["testkit/src", "bench/src", "e2e/src", "simulate/src", "tools"])("%s", (folder) => {
  const files = sources(folder);

  test("keeps its rooms small and named for what they hold", () => {
    expect(tooLong(files)).toEqual([]);
    expect(badNames(files)).toEqual([]);
  });

  test("leaves nothing unfinished and silences no check", () => {
    // This file names what it looks for.
    expect(unfinished(files.filter((file) => file !== fileURLToPath(import.meta.url)))).toEqual([]);
  });
});

function tooLong(files: readonly string[]): readonly string[] {
  return files.filter((file) => readFileSync(file, "utf8").split("\n").length > LINES_MAX).map((file) => relative(root, file));
}

function badNames(files: readonly string[]): readonly string[] {
  return files
    .flatMap((file) => [basename(file).replace(/\.tsx?$/, ""), basename(dirname(file))])
    .filter((name) => BANNED_NAMES.test(name));
}

function unfinished(files: readonly string[]): readonly string[] {
  return files.filter((file) => BANNED_TEXT.test(readFileSync(file, "utf8"))).map((file) => relative(root, file));
}

function escapes(folder: string, file: string, specifier: string): boolean {
  return specifier.startsWith(".") && relative(join(root, folder), join(dirname(file), specifier)).startsWith("..");
}
