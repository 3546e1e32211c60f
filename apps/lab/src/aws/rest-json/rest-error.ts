/** An answer that is an error of a REST-JSON service: its code goes into the header `x-amzn-errortype`, its fields beside the message. */
export class RestError extends Error {
  readonly code: string;
  readonly status: number;
  /** Members of the error's shape besides `message`, such as `clusterName`. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = "RestError";
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

/** A request that cannot be read at all: what AWS answers before an operation sees it. */
export function unreadable(message: string): RestError {
  return new RestError("SerializationException", message);
}
