/** A failure meant for the person at the keyboard: said in one or two lines, no stack. Exit code 2 is bad usage, 1 anything else. An empty message: the exit code is the answer. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}

/** Bad usage: a wrong flag, a file that does not parse. Nothing was changed. */
export function usageError(message: string): CommandError {
  return new CommandError(message, 2);
}
