/*
 * slash28-run: runs one program the way a container runtime would.
 *
 * slash28-run container …   a new container: namespaces, root, log; stays as its parent until it ends
 * slash28-run exec …        a command inside a running container
 * slash28-run join …        a CNI plugin on its node: in the node's network namespace and with the node's /run
 * slash28-run enter …       a program of this machine in a network namespace
 * slash28-run probe …       one TCP or HTTP probe from a network namespace
 *
 * Each mode's own file says its arguments. No mode leaves anything behind: mounts live in private mount namespaces,
 * and everything dies with its parent.
 */
#include "run.h"

#include <sys/mount.h>
#include <sys/prctl.h>

void fail(const char *doing, const char *what) {
  fprintf(stderr, "%s%s%s: %s\n", doing, what[0] ? " " : "", what, strerror(errno));
  exit(125);
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    int (*main)(int, char **);
  } modes[] = {{"container", container_main}, {"exec", exec_main}, {"join", join_main}, {"enter", enter_main}, {"probe", probe_main}};
  for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof modes[0]; i++) {
    if (strcmp(argv[1], modes[i].name) == 0) return modes[i].main(argc - 1, argv + 1);
  }
  fprintf(stderr, "usage: slash28-run container|exec|join|enter|probe …\n");
  return 2;
}

/*
 * slash28-run join NETNS RUN -- PROGRAM ARGS…
 *
 * RUN is shown as /run, and the folder log beside it as /var/log: a node's sockets and logs are where its programs look for them.
 */
int join_main(int argc, char **argv) {
  if (argc < 5 || strcmp(argv[3], "--") != 0) {
    fprintf(stderr, "usage: slash28-run join NETNS RUN -- PROGRAM ARGS…\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int net = open(argv[1], O_RDONLY | O_CLOEXEC);
  if (net < 0 || setns(net, CLONE_NEWNET) < 0) fail("joining the network namespace", argv[1]);
  if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) fail("making a mount namespace", "");
  /* Opened first: the node's own files may lie below /run, which is covered now. */
  int program = open(argv[4], O_PATH);
  if (program < 0) fail("running", argv[4]);
  char place[64], log_path[4096];
  snprintf(log_path, sizeof log_path, "%s/../log", argv[2]);
  int log = open(log_path, O_PATH | O_CLOEXEC);
  snprintf(place, sizeof place, "/proc/self/fd/%d", log);
  if (log >= 0 && mount(place, "/var/log", NULL, MS_BIND, NULL) < 0) fail("showing as /var/log", log_path);
  if (mount(argv[2], "/run", NULL, MS_BIND, NULL) < 0) fail("showing as /run", argv[2]);
  execveat(program, "", argv + 4, environ, AT_EMPTY_PATH);
  fail("running", argv[4]);
}
