import type { TriedChapter } from "./tried.ts";

const MAP = `apiVersion: v1
kind: ConfigMap
metadata:
  name: tried-map
data:
  color: green
  size: "3"
`;

const LESS = `apiVersion: v1
kind: ConfigMap
metadata:
  name: tried-map
data:
  color: green
`;

const LIST = `apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: tried-one}, data: {count: "1"}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: tried-two}, data: {count: "2"}}
`;

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: triedranges.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: triedranges, kind: TriedRange, shortNames: [trr]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns:
    - {name: Low, type: integer, jsonPath: .spec.low}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [low]
            x-kubernetes-validations:
            - {rule: "self.low <= self.high", message: low must not be above high}
            properties:
              low: {type: integer, description: Where it begins.}
              high: {type: integer, default: 10}
`;

const range = (low: number): string => `apiVersion: example.com/v1
kind: TriedRange
metadata: {name: tried-range}
spec: {low: ${low}}
`;

export const OBJECTS: TriedChapter = {
  title: "Objects: apply, patch, schemas, deletion",
  files: {
    "map.yaml": MAP,
    "less.yaml": LESS,
    "list.yaml": LIST,
    "crd.yaml": CRD,
    "range.yaml": range(1),
    "wrong-range.yaml": range(11),
  },
  commands: [
    {
      command: "kubectl apply --server-side -f map.yaml",
      does: "the server merges, and notes who gave what",
      shows: [/serverside-applied/],
    },
    {
      command: "kubectl get configmap tried-map -o yaml --show-managed-fields",
      does: "who owns which field",
      shows: [/f:color/, /manager: kubectl\n/, /operation: Apply/],
    },
    {
      command: `kubectl patch configmap tried-map --type=merge --field-manager=painter -p '{"data":{"color":"red"}}'`,
      does: "somebody else changes a field",
      shows: [/patched/],
    },
    {
      command: "kubectl apply --server-side -f map.yaml",
      does: "is refused, with the field and its owner",
      exit: 1,
      shows: [/Apply failed with 1 conflict: conflict with "painter" using v1: \.data\.color/],
    },
    {
      command: "kubectl diff --server-side --force-conflicts -f map.yaml",
      does: "what taking it over would change",
      exit: 1,
      shows: [/-  color: red/],
    },
    {
      command: "kubectl apply --server-side --force-conflicts -f less.yaml",
      does: "takes it over, and gives one field less",
      shows: [/applied/],
    },
    {
      command: "kubectl get configmap tried-map -o jsonpath='{.data}'",
      does: "what nobody gives any more is gone",
      shows: [/^\{"color":"green"\}\s*$/],
    },
    { command: "kubectl create -f map.yaml --dry-run=server", does: "would it be taken?", exit: 1, shows: [/already exists/] },
    {
      command: "kubectl apply -f list.yaml",
      does: "a list of objects",
      shows: [/configmap\/tried-one created\nconfigmap\/tried-two created/],
    },
    {
      command: 'kubectl patch configmap tried-one --type=json -p \'[{"op":"replace","path":"/data/count","value":"9"}]\'',
      does: "a JSON patch",
      shows: [/patched/],
    },
    {
      command: "kubectl wait --for=jsonpath='{.data.count}'=9 configmap/tried-one --timeout=10s",
      does: "waits for a value",
      shows: [/condition met/],
    },
    {
      command: "kubectl label configmap tried-one tried-two tried=yes",
      does: "labels several",
      shows: [/tried-one labeled\nconfigmap\/tried-two labeled/],
    },
    {
      command: "kubectl get configmaps -l tried=yes --chunk-size=1 -o name",
      does: "a list in pages",
      shows: [/tried-one\nconfigmap\/tried-two/],
    },
    { command: "kubectl delete configmaps -l tried=yes", does: "deletes by label", shows: [/"tried-one" deleted/, /"tried-two" deleted/] },
    {
      command: "kubectl explain pod.spec.containers.ports.containerPort",
      does: "what a field is for",
      shows: [/Number of port to expose/],
    },
    { command: "kubectl apply -f crd.yaml", does: "a new type of objects", shows: [/created/] },
    {
      command: "kubectl wait --for=condition=Established crd/triedranges.example.com --timeout=10s",
      does: "waits until it is served",
      shows: [/condition met/],
    },
    {
      command: "kubectl explain triedrange.spec --recursive",
      does: "what it consists of",
      shows: [/high\s+<integer>/, /low\s+<integer> -required-/],
    },
    { command: "kubectl apply -f range.yaml", does: "an object of it", shows: [/created/] },
    { command: "kubectl get trr", does: "its columns", shows: [/NAME\s+LOW\ntried-range\s+1/] },
    { command: "kubectl get trr tried-range -o jsonpath='{.spec.high}'", does: "its default", shows: [/^10\s*$/] },
    { command: "kubectl apply -f wrong-range.yaml", does: "is refused by its rule", exit: 1, shows: [/low must not be above high/] },
    { command: "kubectl delete crd triedranges.example.com", does: "the type goes with its objects", shows: [/deleted/] },
    { command: "kubectl create namespace tried-space", does: "a namespace", shows: [/created/] },
    {
      command:
        'kubectl create configmap held -n tried-space && kubectl patch configmap held -n tried-space --type=merge -p \'{"metadata":{"finalizers":["example.com/hold"]}}\'',
      does: "with something that holds it",
      shows: [/patched/],
    },
    { command: "kubectl delete namespace tried-space --wait=false", does: "is deleted", shows: [/deleted/] },
    {
      command: "kubectl get namespace tried-space -o jsonpath='{.status.conditions[*].message}'",
      does: "says what it waits for",
      shows: [/configmaps has 1 resource instances.*example\.com\/hold in 1 resource instances/],
      eventually: true,
    },
    {
      command:
        'kubectl patch configmap held -n tried-space --type=merge -p \'{"metadata":{"finalizers":null}}\' && kubectl wait --for=delete namespace/tried-space --timeout=10s',
      does: "goes when it is let go",
      shows: [/patched/],
    },
    { command: "kubectl delete configmap tried-map", does: "cleans up", shows: [/deleted/] },
  ],
};
