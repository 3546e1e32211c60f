import { emptyAccount, type Account, type Edit, type EditCall, type Result } from "../src/index.ts";

export const ACCOUNT_ID = "123456789012";
export const NOW = 1_900_000_000_000;

/** Ids in order, so that tests can name them. */
export function aCall(): EditCall {
  let count = 0;
  return { now: NOW, newId: (prefix) => `${prefix}${String(++count).padStart(17, "0")}`, newSecret: () => `secret ${++count}` };
}

export function trusting(principal: object, more: object = {}): string {
  const statement = { Effect: "Allow", Principal: principal, Action: "sts:AssumeRole", ...more };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

export const EC2_TRUST = trusting({ Service: "ec2.amazonaws.com" });

export function must<T>(edit: Edit<T>): { readonly account: Account; readonly value: T } {
  if (!edit.ok) throw new Error(`${edit.error.code}: ${edit.error.message}`);
  return edit;
}

export function given<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

export function refusal(result: Edit<unknown> | Result<unknown>): string {
  return result.ok ? "it was not refused" : `${result.error.code}: ${result.error.message}`;
}

export const anAccount = (): Account => emptyAccount(ACCOUNT_ID);
