export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where a program tells what it does. Messages are sentences without values; values go into `fields`. Secrets never. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Log;
}
