/** Why the API refused, in the words of `metav1.Status`. */
export interface ApiFailure {
  /** HTTP status. */
  readonly code: number;
  readonly reason: FailureReason;
  readonly message: string;
  readonly details?: FailureDetails;
  /** The Status' own metadata: a token to go on with. */
  readonly metadata?: { readonly continue?: string };
}

export type FailureReason =
  | "AlreadyExists"
  | "BadRequest"
  | "Conflict"
  | "Expired"
  | "Forbidden"
  | "Gone"
  | "InternalError"
  | "Invalid"
  | "MethodNotAllowed"
  | "NotAcceptable"
  | "NotFound"
  | "RequestEntityTooLarge"
  | "ServiceUnavailable"
  | "Timeout"
  | "TooManyRequests"
  | "Unauthorized"
  | "UnsupportedMediaType";

export interface FailureDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly FailureCause[];
  readonly retryAfterSeconds?: number;
}

export interface FailureCause {
  readonly reason?: string;
  readonly message: string;
  readonly field?: string;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: ApiFailure };

export function succeed<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function fail(failure: ApiFailure): { readonly ok: false; readonly failure: ApiFailure } {
  return { ok: false, failure };
}

/** A resource as messages name it: `pods`, `deployments.apps`. */
export type ResourceName = string;

function split(resource: ResourceName): { readonly kind: string; readonly group?: string } {
  const dot = resource.indexOf(".");
  return dot < 0 ? { kind: resource } : { kind: resource.slice(0, dot), group: resource.slice(dot + 1) };
}

export function notFound(resource: ResourceName, name: string): ApiFailure {
  return { code: 404, reason: "NotFound", message: `${resource} "${name}" not found`, details: { name, ...split(resource) } };
}

export function alreadyExists(resource: ResourceName, name: string): ApiFailure {
  return { code: 409, reason: "AlreadyExists", message: `${resource} "${name}" already exists`, details: { name, ...split(resource) } };
}

export function conflict(resource: ResourceName, name: string, why: string): ApiFailure {
  const message = `Operation cannot be fulfilled on ${resource} "${name}": ${why}`;
  return { code: 409, reason: "Conflict", message, details: { name, ...split(resource) } };
}

export const CHANGED_MEANWHILE = "the object has been modified; please apply your changes to the latest version and try again";

export function badRequest(message: string): ApiFailure {
  return { code: 400, reason: "BadRequest", message };
}

export function forbidden(resource: ResourceName, name: string, why: string): ApiFailure {
  return { code: 403, reason: "Forbidden", message: `${resource} "${name}" is forbidden: ${why}`, details: { name, ...split(resource) } };
}

export function expired(message: string): ApiFailure {
  return { code: 410, reason: "Expired", message };
}

/** One thing wrong with one field of an object. */
export interface FieldError {
  readonly field: string;
  readonly reason:
    | "FieldValueRequired"
    | "FieldValueInvalid"
    | "FieldValueNotSupported"
    | "FieldValueDuplicate"
    | "FieldValueForbidden"
    | "FieldValueTypeInvalid"
    | "FieldValueTooLong"
    | "FieldValueTooMany";
  /** What follows the field's name, as kubectl shows it. */
  readonly message: string;
}

/** The 422 answer: every wrong field in one message. `kind` as in `Deployment.apps`. */
export function invalid(kind: string, name: string, errors: readonly FieldError[]): ApiFailure {
  const lines = errors.map((error) => `${error.field}: ${error.message}`);
  const said = lines.length === 1 ? lines.join("") : `[${lines.join(", ")}]`;
  const causes = errors.map((error) => ({ reason: error.reason, message: error.message, field: error.field }));
  return { code: 422, reason: "Invalid", message: `${kind} "${name}" is invalid: ${said}`, details: { name, ...split(kind), causes } };
}

export function required(field: string, why = ""): FieldError {
  return { field, reason: "FieldValueRequired", message: why === "" ? "Required value" : `Required value: ${why}` };
}

export function invalidValue(field: string, value: unknown, why: string): FieldError {
  return { field, reason: "FieldValueInvalid", message: `Invalid value: ${JSON.stringify(value)}: ${why}` };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const names = supported.map((name) => JSON.stringify(name)).join(", ");
  return { field, reason: "FieldValueNotSupported", message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${names}` };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { field, reason: "FieldValueDuplicate", message: `Duplicate value: ${JSON.stringify(value)}` };
}

export function forbiddenField(field: string, why: string): FieldError {
  return { field, reason: "FieldValueForbidden", message: `Forbidden: ${why}` };
}
