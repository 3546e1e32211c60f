import type { TriedChapter } from "./tried.ts";

export const SERVICES: TriedChapter = {
  title: "Services and DNS",
  commands: [
    {
      command: "kubectl get service kube-dns -n kube-system",
      does: "cluster DNS's address",
      shows: [/10\.100\.0\.10\s+<none>\s+53\/UDP,53\/TCP,9153\/TCP/],
    },
    {
      command: "kubectl rollout status deployment/coredns -n kube-system --timeout=60s",
      does: "waits for it",
      shows: [/successfully rolled out/],
    },
    { command: "kubectl get configmap coredns -n kube-system -o yaml", does: "its Corefile", shows: [/kubernetes cluster\.local/] },
    { command: "kubectl create deployment tried-web --image=nginx --replicas=2", does: "two web servers", shows: [/created/] },
    { command: "kubectl rollout status deployment/tried-web --timeout=60s", does: "waits for them", shows: [/successfully rolled out/] },
    { command: "kubectl expose deployment tried-web --port=80", does: "a Service in front", shows: [/service\/tried-web exposed/] },
    {
      command: "kubectl run tried-links -i --rm --restart=Never --image=busybox -- printenv TRIED_WEB_SERVICE_PORT TRIED_WEB_PORT",
      does: "a pod is told of it in variables",
      shows: [/80\s+tcp:\/\/10\.100\.\d+\.\d+:80/],
    },
    {
      command: "kubectl expose deployment tried-web --name=tried-open --type=NodePort --port=80",
      does: "another with a node port",
      shows: [/service\/tried-open exposed/],
    },
    {
      command: "kubectl get service tried-open",
      does: "shows the node port",
      shows: [/NodePort\s+10\.100\.\S+\s+<none>\s+80:3\d{4}\/TCP/],
    },
    {
      command: "kubectl get endpointslices -l kubernetes.io/service-name=tried-web",
      does: "who answers",
      shows: [/IPv4\s+80\s+10\.0\.\d+\.\d+,10\.0\.\d+\.\d+/],
      eventually: true,
    },
    { command: "kubectl get endpoints tried-web", does: "the same, the older way", shows: [/10\.0\.\d+\.\d+:80,10\.0\.\d+\.\d+:80/] },
    {
      command: "kubectl exec deploy/tried-web -- getent hosts tried-web.default.svc.cluster.local",
      does: "a pod resolves the Service",
      shows: [/10\.100\.\d+\.\d+\s+tried-web\.default\.svc\.cluster\.local/],
      eventually: true,
    },
    {
      command: "kubectl exec deploy/tried-web -- curl -s --max-time 5 http://tried-web",
      does: "a pod reaches it by name",
      shows: [/./],
      eventually: true,
    },
    {
      command: "kubectl exec deploy/tried-web -- getent hosts www.example.com",
      does: "a name of the internet",
      shows: [/198\.51\.100\.80/],
    },
    { command: "kubectl exec deploy/tried-web -- getent hosts nothing.example.com", does: "no such name", exit: 2 },
    {
      command: "kubectl get service tried-open -o jsonpath='{.spec.ports[0].nodePort}'",
      does: "its number",
      shows: [/^3\d{4}$/],
      keep: "PORT",
    },
    {
      command: `kubectl get nodes -o jsonpath='{.items[0].status.addresses[?(@.type=="InternalIP")].address}'`,
      does: "a node's address",
      shows: [/^10\./],
      keep: "ADDRESS",
    },
    {
      command: "kubectl exec deploy/tried-web -- curl -s --max-time 5 http://$ADDRESS:$PORT",
      does: "the node port answers",
      shows: [/./],
      eventually: true,
    },
    {
      command: "kubectl create service nodeport tried-twice --tcp=80 --node-port=$PORT",
      does: "refuses a node port that is taken",
      exit: 1,
      shows: [/provided port is already allocated/],
    },
    {
      command: "kubectl create service externalname tried-far --external-name=www.example.com",
      does: "another name for the internet's",
      shows: [/created/],
    },
    {
      command: "kubectl exec deploy/tried-web -- getent hosts tried-far",
      does: "leads there",
      shows: [/198\.51\.100\.80/],
      eventually: true,
    },
    {
      command: `kubectl patch service tried-web -p '{"spec":{"type":"LoadBalancer"}}'`,
      does: "asks for a load balancer",
      shows: [/patched/],
    },
    {
      command: "kubectl get service tried-web",
      does: "which stays pending without a controller",
      shows: [/LoadBalancer\s+\S+\s+<pending>\s+80:3\d{4}\/TCP/],
    },
    { command: "kubectl delete service tried-web tried-open tried-far", does: "takes them away", shows: [/"tried-web" deleted/] },
    { command: "kubectl delete deployment tried-web", does: "and the servers", shows: [/deleted/] },
  ],
};
