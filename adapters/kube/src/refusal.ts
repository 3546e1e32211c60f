import { Fault } from "@slash28/ports";

/** The HTTP status the API server refused with; `undefined` for every other error. */
export function refusedStatus(error: unknown): number | undefined {
  if (!(error instanceof Fault) || error.code !== "KUBE_REFUSED") return undefined;
  const status = Number(error.fields["status"]);
  return Number.isFinite(status) ? status : undefined;
}

/** The object changed since it was read: read it again and decide anew. */
export function isConflict(error: unknown): boolean {
  return refusedStatus(error) === 409 && !isAlreadyExists(error);
}

export function isAlreadyExists(error: unknown): boolean {
  return refusedStatus(error) === 409 && error instanceof Fault && error.fields["reason"] === "AlreadyExists";
}

export function isNotFound(error: unknown): boolean {
  return refusedStatus(error) === 404;
}

/** What was meant by its uid is gone: nothing has its name any more, or another object has. */
export function isNoLongerThere(error: unknown): boolean {
  return isNotFound(error) || refusedStatus(error) === 409;
}

/** A watch asked for history that the server no longer has: list again. */
export function isGone(error: unknown): boolean {
  return refusedStatus(error) === 410;
}

/** What went wrong when a call was refused: the request in the caller's words, and the body the server sent. */
export interface Refusal {
  readonly verb: string;
  readonly object: string;
  readonly status: number;
  readonly body: string;
}

/**
 * The fault for a refused call. A gateway or a server that is not ready counts as unreachable: waiting helps, and nobody
 * has to change anything.
 */
export function refusalFault(refusal: Refusal): Fault {
  const { reason, message } = statusOf(refusal.body);
  if (refusal.status >= 502 && refusal.status <= 504) {
    return new Fault("KUBE_UNREACHABLE", { detail: `${refusal.verb} ${refusal.object}: ${refusal.status} ${message}`.trim() });
  }
  return new Fault("KUBE_REFUSED", { verb: refusal.verb, object: refusal.object, status: refusal.status, reason, detail: message });
}

/** Reason and message of a `metav1.Status`; of any other body its first line. */
function statusOf(body: string): { reason: string; message: string } {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null) {
      const { reason, message } = parsed as { reason?: unknown; message?: unknown };
      return { reason: typeof reason === "string" ? reason : "", message: typeof message === "string" ? message : "" };
    }
  } catch {
    // A proxy in between answers in its own format; its first line says most.
  }
  return { reason: "", message: (body.split("\n")[0] ?? "").slice(0, 200) };
}
