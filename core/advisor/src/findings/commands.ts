/** `kubectl set env` of the agent's DaemonSet; an undefined value takes a variable away. */
export function setEnv(env: Readonly<Record<string, string | undefined>>): string {
  const words = Object.entries(env).map(([name, value]) => (value === undefined ? `${name}-` : `${name}=${value}`));
  return `kubectl set env daemonset aws-node -n kube-system ${words.join(" ")}`;
}

/** Waits until every agent runs with its new settings. */
export const ROLLOUT = "kubectl rollout status daemonset aws-node -n kube-system --timeout=300s";
