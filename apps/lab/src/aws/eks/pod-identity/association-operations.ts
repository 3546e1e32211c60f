import type {
  CreatePodIdentityAssociationRequest,
  CreatePodIdentityAssociationResponse,
  DeletePodIdentityAssociationRequest,
  DeletePodIdentityAssociationResponse,
  DescribePodIdentityAssociationRequest,
  DescribePodIdentityAssociationResponse,
  ListPodIdentityAssociationsRequest,
  ListPodIdentityAssociationsResponse,
  PodIdentityAssociation,
  UpdatePodIdentityAssociationRequest,
  UpdatePodIdentityAssociationResponse,
} from "@aws-sdk/client-eks";
import { findAssociation, page, type AssociationRecord } from "@slash28/eks";
import { restOperation, type AnyRestOperation } from "../../rest-json/index.ts";
import { act, answer, clusterOf, type EksContext } from "../context.ts";

export function associationOperations(context: EksContext): readonly AnyRestOperation[] {
  return [
    restOperation<CreatePodIdentityAssociationRequest, CreatePodIdentityAssociationResponse>(
      "CreatePodIdentityAssociation",
      (input, call) => {
        const { clusterName: cluster = "", namespace = "", serviceAccount = "", roleArn = "", clientRequestToken: token } = input;
        const { disableSessionTags, targetRoleArn, policy, tags } = input;
        const form = { cluster, namespace, serviceAccount, roleArn, disableSessionTags, targetRoleArn, policy, tags, token };
        return { association: wireAssociation(cluster, act(context, "createAssociation", form, call)) };
      },
    ),
    restOperation<DescribePodIdentityAssociationRequest, DescribePodIdentityAssociationResponse>(
      "DescribePodIdentityAssociation",
      ({ clusterName = "", associationId = "" }) => {
        const { association } = answer(findAssociation({ ok: true, value: clusterOf(context, clusterName) }, associationId));
        return { association: wireAssociation(clusterName, association) };
      },
    ),
    restOperation<UpdatePodIdentityAssociationRequest, UpdatePodIdentityAssociationResponse>(
      "UpdatePodIdentityAssociation",
      (input, call) => {
        const { clusterName: cluster = "", associationId: id = "", roleArn, disableSessionTags, targetRoleArn, policy } = input;
        const form = { cluster, id, roleArn, disableSessionTags, targetRoleArn, policy };
        return { association: wireAssociation(cluster, act(context, "updateAssociation", form, call)) };
      },
    ),
    restOperation<DeletePodIdentityAssociationRequest, DeletePodIdentityAssociationResponse>(
      "DeletePodIdentityAssociation",
      ({ clusterName: cluster = "", associationId: id = "" }, call) => ({
        association: wireAssociation(cluster, act(context, "deleteAssociation", { cluster, id }, call)),
      }),
    ),
    restOperation<ListPodIdentityAssociationsRequest, ListPodIdentityAssociationsResponse>("ListPodIdentityAssociations", (input) => {
      const { clusterName = "", namespace, serviceAccount } = input;
      const chosen = Object.values(clusterOf(context, clusterName).associations).filter(
        (one) =>
          (namespace === undefined || one.namespace === namespace) &&
          (serviceAccount === undefined || one.serviceAccount === serviceAccount),
      );
      const { items, ...rest } = answer(page(chosen, ({ id }) => id, input));
      return { associations: items.map((one) => summaryOf(clusterName, one)), ...rest };
    }),
  ];
}

function summaryOf(clusterName: string, association: AssociationRecord): PodIdentityAssociation {
  return {
    clusterName,
    namespace: association.namespace,
    serviceAccount: association.serviceAccount,
    associationArn: association.arn,
    associationId: association.id,
    ...(association.ownerArn === undefined ? {} : { ownerArn: association.ownerArn }),
  };
}

function wireAssociation(clusterName: string, association: AssociationRecord): PodIdentityAssociation {
  const { targetRoleArn, externalId, policy } = association;
  return {
    ...summaryOf(clusterName, association),
    roleArn: association.roleArn,
    tags: { ...association.tags },
    createdAt: new Date(association.createdAt),
    modifiedAt: new Date(association.modifiedAt),
    disableSessionTags: association.disableSessionTags,
    ...(targetRoleArn === undefined ? {} : { targetRoleArn }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(policy === undefined ? {} : { policy }),
  };
}
