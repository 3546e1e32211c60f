const REMOVED = "(removed)";

/** Names of environment variables that hold something to keep. */
const SECRET_NAME = /secret|token|passw|credential|key/i;

/** Annotations that repeat a whole object as text, its environment included. */
const REPEATS_OBJECT = "kubectl.kubernetes.io/last-applied-configuration";

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, REMOVED],
  // A JSON web token: three base64url parts, the first of which is an object.
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, REMOVED],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, REMOVED],
  [/\b(Bearer|Basic) +[\w+/=.~-]{8,}/gi, `$1 ${REMOVED}`],
  // A name and a password before the host of a URL.
  [/(:\/\/)[^\s/"'@:]*:[^\s/"'@]+@/g, `$1${REMOVED}@`],
  [/(--?[\w-]*(?:password|passwd|secret|token|api-?key)[\w-]*[= ])(?:"[^"\n]*"|'[^'\n]*'|[^\s"',]+)/gi, `$1${REMOVED}`],
  [/\b([A-Z0-9_]*(?:SECRET|TOKEN|PASSWORD|KEY)[A-Z0-9_]*)=(?:"[^"\n]*"|'[^'\n]*'|[^\s"']+)/g, `$1=${REMOVED}`],
  [/("[A-Z0-9_]*(?:SECRET|TOKEN|PASSWORD|KEY)[A-Z0-9_]*"\s*:\s*")(?:[^"\\\n]|\\.)*"/g, `$1${REMOVED}"`],
  [/("[\w-]*(?:token|password|secret)[\w-]*"\s*:\s*")(?:[^"\\\n]|\\.)*"/gi, `$1${REMOVED}"`],
];

/** A text without keys, tokens, passwords and the values of variables named like one. */
export function withoutSecrets(text: string): string {
  return PATTERNS.reduce((rest, [pattern, instead]) => rest.replaceAll(pattern, instead), text);
}

/** What of a pod tells what it runs, and with what. */
const PROGRAM = new Set(["env", "envFrom", "command", "args"]);

/** A pod that is not the agent's: its network matters to who helps, and what it runs may tell anything. */
export function withoutProgram(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProgram);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !PROGRAM.has(key));
  return Object.fromEntries(kept.map(([key, field]: [string, unknown]) => [key, withoutProgram(field)]));
}

/** A Kubernetes object without the values of variables named like a secret, and without annotations that repeat them. */
export function objectWithoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(objectWithoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  const isSecretVariable = "name" in value && typeof value.name === "string" && SECRET_NAME.test(value.name);
  return Object.fromEntries(
    Object.entries(value).map(([key, field]: [string, unknown]) => {
      const isRemoved = typeof field === "string" && ((key === "value" && isSecretVariable) || key === REPEATS_OBJECT);
      return [key, isRemoved ? REMOVED : objectWithoutSecrets(field)];
    }),
  );
}
