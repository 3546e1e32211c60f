/**
 * Waits until a condition holds: what it returns, once that is neither `undefined` nor `false`. A condition that never holds fails the test with what it was.
 * @param deadlineMs real time; generous, since only failing tests wait that long.
 */
export async function eventually<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = 10_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`${what} did not come about within ${deadlineMs} ms`);
    await new Promise<void>((resolve) => void setTimeout(resolve, 2));
  }
}
