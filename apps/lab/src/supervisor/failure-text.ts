/** What a failure says of itself, for the log and for operators. */
export function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
