/*
 * slash28-run exec PID OPTIONS -- PROGRAM ARGS…
 *
 *   --tty                 gives the program a terminal and copies between it and stdin/stdout
 *   --directory DIR --user N --group N
 *
 * PID is a container's program, as "started" told it. The program gets this process's stdin, stdout and stderr, and its
 * environment. Exits as the program does; 126 or 127 if it cannot be run. A signal to this process ends the program.
 */
#include "run.h"

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

static void join_all(const char *pid) {
  static const struct {
    const char *name;
    int kind;
  } spaces[] = {{"net", CLONE_NEWNET}, {"uts", CLONE_NEWUTS}, {"ipc", CLONE_NEWIPC}, {"pid", CLONE_NEWPID}, {"mnt", CLONE_NEWNS}};
  int fds[5];
  char path[64];
  for (int i = 0; i < 5; i++) {
    snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, spaces[i].name);
    fds[i] = open(path, O_RDONLY | O_CLOEXEC);
    if (fds[i] < 0) fail("the container has ended:", path);
  }
  for (int i = 0; i < 5; i++) {
    if (setns(fds[i], spaces[i].kind) < 0) fail("joining the container's namespace", spaces[i].name);
    close(fds[i]);
  }
}

static void become(const char *terminal, const struct identity *who, char **command) {
  sigset_t none;
  setsid();
  if (terminal != NULL) take_terminal(terminal, who->user);
  take_identity(who);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execvp(command[0], command);
  int missing = errno == ENOENT;
  fprintf(stderr, "exec: \"%s\": %s\n", command[0], missing && strchr(command[0], '/') == NULL ? "executable file not found in $PATH" : strerror(errno));
  _exit(missing ? 127 : 126);
}

/* Copies what is there to `to`; 0 at the end of the input. */
static int relay(int from, int to) {
  char chunk[8192];
  ssize_t n = read(from, chunk, sizeof chunk);
  if (n <= 0) return n < 0 && errno == EINTR;
  for (ssize_t done = 0; done < n;) {
    ssize_t w = write(to, chunk + done, (size_t)(n - done));
    if (w <= 0 && errno != EINTR) return 0;
    if (w > 0) done += w;
  }
  return 1;
}

static int ended(int signals, pid_t program, int *code) {
  struct signalfd_siginfo info;
  int told = 0, status;
  while (read(signals, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo != SIGCHLD) told = 1;
  }
  /* Its process group: /proc is the container's here and does not know this process's children. */
  if (told) kill(-program, SIGKILL);
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid == program) *code = exit_code(status);
  }
  return *code >= 0;
}

static int attend(int signals, pid_t program, int master) {
  struct pollfd watched[3] = {{signals, POLLIN, 0}, {master, POLLIN, 0}, {master < 0 ? -1 : 0, POLLIN, 0}};
  int code = -1;
  for (;;) {
    if (poll(watched, 3, -1) < 0) continue;
    if (watched[1].revents != 0 && !relay(master, 1)) watched[1].fd = -1;
    if (watched[2].revents != 0 && !relay(0, master)) {
      char end_of_input = 4; /* what a terminal sends for end of input */
      if (write(master, &end_of_input, 1) < 0) errno = 0;
      watched[2].fd = -1;
    }
    if (watched[0].revents != 0 && ended(signals, program, &code)) break;
  }
  if (watched[1].fd >= 0) {
    fcntl(master, F_SETFL, O_NONBLOCK);
    while (relay(master, 1)) continue;
  }
  return code;
}

int exec_main(int argc, char **argv) {
  struct identity who = {0};
  char **command = NULL;
  const char *terminal = NULL;
  int wants_terminal = 0;
  for (int i = 2; i < argc && command == NULL; i++) {
    if (strcmp(argv[i], "--") == 0) command = argv + i + 1;
    else if (strcmp(argv[i], "--tty") == 0) wants_terminal = 1;
    else if (strcmp(argv[i], "--directory") == 0 && i + 1 < argc) who.directory = argv[++i];
    else if (strcmp(argv[i], "--user") == 0 && i + 1 < argc) who.user = (uid_t)atoi(argv[++i]);
    else if (strcmp(argv[i], "--group") == 0 && i + 1 < argc) who.group = (gid_t)atoi(argv[++i]);
  }
  if (command == NULL || command[0] == NULL) {
    fprintf(stderr, "usage: slash28-run exec PID [--tty] [--directory DIR] [--user N] [--group N] -- PROGRAM ARGS…\n");
    return 2;
  }
  int signals = take_signals();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  join_all(argv[1]);
  int master = wants_terminal ? open_terminal(&terminal) : -1;
  pid_t program = fork();
  if (program < 0) fail("starting", command[0]);
  if (program == 0) become(terminal, &who, command);
  if (master < 0) {
    /* The program alone holds the streams now, so their ends are seen. */
    close(0);
    close(1);
    close(2);
  }
  return attend(signals, program, master);
}

/* slash28-run enter NETNS -- PROGRAM ARGS… */
int enter_main(int argc, char **argv) {
  if (argc < 4 || strcmp(argv[2], "--") != 0) {
    fprintf(stderr, "usage: slash28-run enter NETNS -- PROGRAM ARGS…\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int net = open(argv[1], O_RDONLY | O_CLOEXEC);
  if (net < 0 || setns(net, CLONE_NEWNET) < 0) fail("joining the network namespace", argv[1]);
  execv(argv[3], argv + 3);
  fail("running", argv[3]);
}
