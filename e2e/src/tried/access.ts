import type { TriedChapter } from "./tried.ts";

const POLICY = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: tried-few-replicas}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}
  validations:
  - expression: object.spec.replicas <= 3
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: tried-few-replicas}
spec:
  policyName: tried-few-replicas
  validationActions: [Deny]
  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: tried-access}}}
`;

const WEBHOOK = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: tried-nobody}
webhooks:
- name: nobody.tried.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: tried-access}}
  rules:
  - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  clientConfig: {service: {name: nobody, namespace: tried-access}}
`;

export const ACCESS: TriedChapter = {
  title: "Who may do what",
  files: { "policy.yaml": POLICY, "webhook.yaml": WEBHOOK },
  commands: [
    { command: "kubectl auth whoami", does: "who is asking", shows: [/Username\s+kubernetes-admin/, /system:masters/] },
    { command: "kubectl auth can-i '*' '*'", does: "an administrator may do everything", shows: [/^yes$/m] },
    { command: "kubectl get clusterroles cluster-admin admin edit view", does: "the default roles", shows: [/cluster-admin/, /view/] },
    { command: "kubectl create namespace tried-access", does: "a namespace to try in" },
    { command: "kubectl create rolebinding ann -n tried-access --clusterrole=view --user=ann", does: "lets ann look around" },
    { command: "kubectl auth can-i list pods -n tried-access --as=ann", does: "she may look", shows: [/^yes$/m] },
    { command: "kubectl auth can-i delete pods -n tried-access --as=ann", does: "and not touch", exit: 1, shows: [/^no$/m] },
    {
      command: "kubectl auth can-i --list -n tried-access --as=ann",
      does: "all she may do",
      shows: [/pods\/log\s+\[\]\s+\[\]\s+\[get list watch\]/],
    },
    {
      command: "kubectl create configmap c -n tried-access --as=ann",
      does: "is refused, with who, what and where",
      exit: 1,
      shows: [/User "ann" cannot create resource "configmaps" in API group "" in the namespace "tried-access"/],
    },
    {
      command: "kubectl auth can-i patch nodes --as=system:serviceaccount:kube-system:aws-node",
      does: "what the agent may do",
      shows: [/^yes$/m],
    },
    { command: "kubectl create serviceaccount robot -n tried-access", does: "a service account" },
    { command: "kubectl create token robot -n tried-access --duration=10m", does: "a token for it", keep: "TOKEN", shows: [/^ey/] },
    {
      command:
        "kubectl auth whoami --token=$TOKEN --kubeconfig=/dev/null --server=$(kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}') --insecure-skip-tls-verify",
      does: "the token's owner",
      shows: [/system:serviceaccount:tried-access:robot/, /system:serviceaccounts:tried-access/],
    },
    {
      command: "kubectl create token robot -n tried-access --duration=1m",
      does: "refuses less than ten minutes",
      exit: 1,
      shows: [/may not specify a duration less than 10 minutes/],
    },
    { command: "kubectl get --raw /.well-known/openid-configuration", does: "the issuer's description", shows: [/"jwks_uri"/, /RS256/] },
    { command: "kubectl create quota q -n tried-access --hard=count/configmaps=2", does: "room for two config maps" },
    { command: "kubectl create configmap one -n tried-access", does: "the second, beside kube-root-ca.crt" },
    {
      command: "kubectl create configmap two -n tried-access",
      does: "the third is one too many",
      exit: 1,
      shows: [/exceeded quota: q, requested: count\/configmaps=1, used: count\/configmaps=2, limited: count\/configmaps=2/],
    },
    { command: "kubectl delete quota q -n tried-access", does: "makes room again" },
    { command: "kubectl apply -f policy.yaml", does: "a policy in CEL: three replicas at most" },
    {
      command: "kubectl create deployment web --image=nginx --replicas=4 -n tried-access",
      does: "is refused by the policy",
      exit: 1,
      shows: [
        /ValidatingAdmissionPolicy 'tried-few-replicas' with binding 'tried-few-replicas' denied request: failed expression: object.spec.replicas <= 3/,
      ],
    },
    { command: "kubectl apply -f webhook.yaml", does: "a webhook whose service is not there" },
    {
      command: "kubectl create configmap three -n tried-access",
      does: "says which webhook cannot be called, and why",
      exit: 1,
      shows: [/failed calling webhook "nobody.tried.example.com": .*service "nobody" not found/],
    },
    {
      command: "kubectl delete -f webhook.yaml -f policy.yaml && kubectl delete namespace tried-access",
      does: "takes it all away",
      shows: [/namespace "tried-access" deleted/],
    },
  ],
};
