import type { Ec2Result } from "@slash28/vpc";

/** For calls of the lab itself, which has no other way to go: what EC2 refuses is said as EC2 said it. */
export function must<T>(api: string, result: Ec2Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${api} was refused: ${result.error.code}: ${result.error.message}`);
}
