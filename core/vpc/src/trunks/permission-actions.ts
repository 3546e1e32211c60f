import { find, findAll } from "../cloud/find.ts";
import type { Decide } from "../cloud/state.ts";
import { invalidCombination, missing, notPermitted, refusal, unknown } from "../errors.ts";
import type { EniPermissionId } from "../ids.ts";
import { ok, refuse } from "../result.ts";
import type { CreateEniPermissionInput, EniPermission } from "./trunk.ts";

/** Leave to attach an ENI, or to give it an Elastic IP. It lasts until it is taken back, or the ENI is deleted. */
export const createEniPermission: Decide<CreateEniPermissionInput, EniPermission> = (state, input) => {
  const { eniId, accountId, service, permission } = input;
  const found = find(state.enis, eniId, unknown.eni);
  if (!found.ok) return found;
  if (accountId !== undefined && service !== undefined)
    return refuse(invalidCombination("Only one of AwsAccountId and AwsService may be specified."));
  const grantee = accountId === undefined ? (service === undefined ? undefined : { service }) : { accountId };
  if (grantee === undefined) return refuse(missing("awsAccountId"));
  const isSame = (row: EniPermission): boolean =>
    row.eniId === eniId && row.permission === permission && JSON.stringify(row.grantee) === JSON.stringify(grantee);
  if (state.eniPermissions.some(isSame)) {
    return refuse(refusal("InvalidParameterValue", `The permission ${permission} on ${eniId} was granted already.`));
  }
  return ok(() => state.eniPermissions.put({ id: state.mint.id<EniPermissionId>("eni-perm"), eniId, grantee, permission }));
};

/** Not while the ENI is attached, unless forced. */
export const deleteEniPermission: Decide<{ readonly permissionId: EniPermissionId; readonly isForced?: boolean }, void> = (
  state,
  input,
) => {
  const found = find(state.eniPermissions, input.permissionId, unknown.eniPermission);
  if (!found.ok) return found;
  const isUsed = found.value.permission === "INSTANCE-ATTACH" && state.enis.get(found.value.eniId)?.attachment !== undefined;
  if (isUsed && input.isForced !== true) {
    return refuse(notPermitted(`The permission is in use: ${found.value.eniId} is attached. Detach it, or use the force option.`));
  }
  return ok(() => state.eniPermissions.delete(input.permissionId));
};

export const describeEniPermissions: Decide<{ readonly ids?: readonly EniPermissionId[] }, readonly EniPermission[]> = (state, { ids }) => {
  const found = findAll(state.eniPermissions, ids, unknown.eniPermission);
  return found.ok ? ok(() => found.value) : found;
};
