export {
  alreadyExists,
  badRequest,
  CHANGED_MEANWHILE,
  conflict,
  duplicate,
  expired,
  fail,
  forbidden,
  forbiddenField,
  invalid,
  invalidValue,
  notFound,
  notSupported,
  required,
  succeed,
  type ApiFailure,
  type FailureCause,
  type FailureDetails,
  type FailureReason,
  type FieldError,
  type ResourceName,
  type Result,
} from "./failure.ts";
export { at, fieldsOf, isFields, listOf, numberOf, own, sameJson, textOf, withAt, withField, type Fields } from "./fields.ts";
export type { KubeObject, ObjectMeta, OwnerReference } from "./kube-object.ts";
export { createStore, type ObjectKey, type SavedStore, type Store, type StoreOptions, type StoreWrite } from "./store.ts";
export type { ObjectEvent, Watch, WatchRequest } from "./watch.ts";
export { born, isReadyToGo, updated, type Birth, type WrittenPart } from "./life-cycle.ts";
export { decideDeletion, type Deletion, type DeletionRequest } from "./deletion.ts";
export { labelSelectorOf, matchesLabels, parseLabelSelector, type LabelDemand, type Labels, type LabelSelector } from "./label-selector.ts";
export { matchesFields, parseFieldSelector, type FieldDemand, type FieldSelector } from "./field-selector.ts";
export { applyJsonPatch } from "./json-patch.ts";
export { applyMergePatch } from "./merge-patch.ts";
export { applyStrategicPatch } from "./strategic-patch.ts";
export { mergeOfKind, type FieldMerge, type PatchFields } from "./merge-keys.ts";
export { labelNameFault, labelValueFault, qualifiedNameFault, subdomainNameFault } from "./names.ts";
export { parseQuantity } from "./quantity.ts";
export { checkSchema } from "./schema-check.ts";
export { prune, propertiesOf, schemaOf, withDefaults, type StructuralSchema } from "./structural-schema.ts";
export { applyConfiguration, trackUpdate, type Applied, type FieldConflict, type OwnableFields, type Writer } from "./apply/apply.ts";
export { applyConflict } from "./apply/conflict-text.ts";
export {
  difference,
  hasPath,
  isEmptySet,
  pathsOf,
  pathText,
  readFieldsV1,
  union,
  writeFieldsV1,
  type FieldSet,
} from "./apply/field-set.ts";
export { readOwners, writeOwners, type Manager, type Owned, type Owners } from "./apply/managed-fields.ts";
export { LEAF_TYPE, OPEN_TYPE, type FieldType, type ItemKey, type MergeType } from "./apply/merge-type.ts";
export { mergeTypeOfSchema, withMetadata } from "./apply/structural-type.ts";
export { compareFields, fieldsIn, type Comparison } from "./apply/walk-fields.ts";
