import type { Ec2Result } from "@slash28/vpc";

/** Bringing up runs on an empty account: a refusal is a mistake in the cluster file that its check did not see, and is said as EC2 said it. */
export function must<T>(api: string, result: Ec2Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${api} was refused: ${result.error.code}: ${result.error.message}`);
}
