import type { TriedChapter } from "./tried.ts";

const DATABASE = `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: tried-db }
spec:
  serviceName: tried-db
  replicas: 2
  selector: { matchLabels: { app: tried-db } }
  persistentVolumeClaimRetentionPolicy: { whenDeleted: Delete, whenScaled: Delete }
  template:
    metadata: { labels: { app: tried-db } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: db
          image: nginx:1.27
          volumeMounts: [{ name: data, mountPath: /data }]
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`;

export const WORKLOADS: TriedChapter = {
  title: "Workloads",
  files: { "database.yaml": DATABASE },
  commands: [
    { command: "kubectl apply -f database.yaml", does: "a StatefulSet with a volume per pod", shows: [/tried-db created/] },
    {
      command: "kubectl rollout status statefulset/tried-db --timeout=60s",
      does: "waits for it",
      shows: [/roll out complete: 2 new pods/],
    },
    { command: "kubectl get pvc -l app=tried-db", does: "its claims", shows: [/data-tried-db-0\s+Bound\s+pvc-\S+\s+1Gi\s+RWO\s+gp2/] },
    { command: "kubectl get storageclass", does: "the classes there are", shows: [/gp2 \(default\)/] },
    { command: "kubectl exec tried-db-0 -- sh -c 'echo kept > /data/file'", does: "writes to the volume" },
    { command: "kubectl delete pod tried-db-0", does: "ends the pod", shows: [/deleted/] },
    {
      command: "kubectl exec tried-db-0 -- cat /data/file",
      does: "the pod that follows has the file",
      shows: [/kept/],
      eventually: true,
    },
    { command: "kubectl set image statefulset/tried-db db=nginx:1.28", does: "rolls it", shows: [/updated/] },
    { command: "kubectl rollout status statefulset/tried-db --timeout=60s", does: "waits for it", shows: [/roll out complete/] },
    { command: "kubectl rollout undo statefulset/tried-db", does: "rolls it back", shows: [/rolled back/] },
    { command: "kubectl rollout status statefulset/tried-db --timeout=60s", does: "waits for it", shows: [/roll out complete/] },
    {
      command: "kubectl create poddisruptionbudget tried-db --selector=app=tried-db --min-available=2",
      does: "a budget",
      shows: [/created/],
    },
    {
      command: "kubectl get pdb tried-db",
      does: "none may go",
      shows: [/tried-db\s+2\s+N\/A\s+0/],
      eventually: true,
    },
    { command: "kubectl get pod tried-db-0 -o jsonpath={.spec.nodeName}", does: "where it runs", keep: "NODE" },
    {
      command: 'kubectl drain "$NODE" --pod-selector=app=tried-db --timeout=1s',
      does: "the budget holds it back",
      exit: 1,
      shows: [/Cannot evict pod as it would violate the pod's disruption budget/],
    },
    { command: 'kubectl uncordon "$NODE"', does: "takes pods again", shows: [/uncordoned/] },
    { command: "kubectl delete pdb/tried-db statefulset/tried-db", does: "takes all away", shows: [/deleted/] },
    { command: "kubectl wait --for=delete pvc -l app=tried-db --timeout=60s", does: "its claims too" },
    {
      command: "echo you | kubectl run tried-input -i --rm --restart=Never --image=busybox -- sh -c 'read who; echo hello $who'",
      does: "a pod that is typed into, gone when it has ended",
      shows: [/hello you/, /pod "tried-input" deleted/],
    },
    {
      command: `kubectl run tried-short --image=busybox --overrides='{"spec":{"activeDeadlineSeconds":1,"terminationGracePeriodSeconds":0}}' -- sleep 60`,
      does: "a pod with a deadline",
      shows: [/created/],
    },
    {
      command: "kubectl wait --for=jsonpath={.status.reason}=DeadlineExceeded pod/tried-short --timeout=60s",
      does: "it is over",
      shows: [/condition met/],
    },
    { command: "kubectl delete pod tried-short", does: "takes it away", shows: [/deleted/] },
    { command: "kubectl create job tried-job --image=busybox -- sh -c 'echo done'", does: "a job", shows: [/created/] },
    { command: "kubectl wait --for=condition=complete job/tried-job --timeout=60s", does: "waits for it", shows: [/condition met/] },
    { command: "kubectl logs job/tried-job", does: "what it said", shows: [/done/] },
    {
      command: "kubectl create cronjob tried-cron --image=busybox --schedule='0 3 * * *' -- sh -c 'echo again'",
      does: "a job for every night",
      shows: [/created/],
    },
    { command: "kubectl create job tried-now --from=cronjob/tried-cron", does: "the same now", shows: [/created/] },
    { command: "kubectl wait --for=condition=complete job/tried-now --timeout=60s", does: "waits for it", shows: [/condition met/] },
    { command: "kubectl top nodes", does: "says that nothing measures here", exit: 1, shows: [/Metrics API not available/] },
    { command: "kubectl create deployment tried-scaled --image=nginx", does: "a deployment", shows: [/created/] },
    {
      command: "kubectl autoscale deployment tried-scaled --min=1 --max=3",
      does: "is taken, and says why nothing scales by itself",
      shows: [/autoscaled/, /scales nothing/, /kubectl scale/],
    },
    { command: "kubectl delete deployment/tried-scaled hpa/tried-scaled", does: "takes them away", shows: [/deleted/] },
    { command: "kubectl delete job/tried-job cronjob/tried-cron", does: "takes them away", shows: [/deleted/] },
  ],
};
