import type { TriedChapter } from "./tried.ts";

export const DEBUG: TriedChapter = {
  title: "Looking into a pod that runs",
  commands: [
    { command: "kubectl run tried-app --image=nginx --port=80", does: "a pod without any tools", shows: [/created/] },
    { command: "kubectl wait --for=condition=ready pod/tried-app --timeout=60s", does: "waits for it", shows: [/condition met/] },
    {
      command:
        "kubectl debug tried-app --image=busybox --container=look --target=tried-app -- sh -c \"tr '\\0' ' ' < /proc/1/cmdline; curl -s -o /dev/null -w '%{http_code}' http://localhost/\"",
      does: "a container beside it that sees its processes and its network",
      shows: [/Targeting container "tried-app"/],
    },
    {
      command:
        "kubectl wait --for=jsonpath='{.status.ephemeralContainerStatuses[0].state.terminated.reason}'=Completed pod/tried-app --timeout=60s",
      does: "it has looked around",
      shows: [/condition met/],
    },
    { command: "kubectl logs tried-app -c look", does: "what it saw", shows: [/slash28-web 80 200/] },
    {
      command: "(sleep 1; echo 'echo typed $((6*7))'; echo 'exit 3') | kubectl debug -i tried-app --image=busybox --container=shell",
      does: "a shell that is typed into",
      shows: [/typed 42/],
    },
    {
      command: "kubectl get pod tried-app -o jsonpath='{.status.phase} {.status.ephemeralContainerStatuses[*].name}'",
      does: "the pod goes on, and tells of both",
      shows: [/^Running look shell$/m],
    },
    { command: "kubectl describe pod tried-app", does: "so does its description", shows: [/Ephemeral Containers:/, /Exit Code:\s+3/] },
    {
      command: "kubectl debug tried-app --image=busybox --target=nothing",
      does: "refuses a target that is not there",
      exit: 1,
      shows: [/targetContainerName: Not found: "nothing"/],
    },
    { command: "kubectl delete pod tried-app", does: "all of it goes", shows: [/deleted/] },
  ],
};
