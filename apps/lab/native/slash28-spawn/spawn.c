/*
 * slash28-spawn: starts processes for the lab's supervisor.
 *
 * A large process forks slowly: copying the page tables of a 200 MB Node program takes about 8 ms, and it stops meanwhile.
 * This one is tiny and uses vfork; it is asked over stdin and answers on stdout. When stdin closes it ends, and
 * every process it started gets its parent-death signal.
 *
 *
 * Frames, little endian: u32 length of the rest, u8 kind, u32 id, body.
 *   in   S  u32 argc, u32 envc, u32 stdin length, the strings (each ending in NUL), the bytes for stdin
 *        K  u32 signal
 *   out  P  u32 pid                 started
 *        F  text                    could not be started
 *        L  text                    first line of its stdout
 *        X  i32 code, i32 signal, u32 stdout length, stdout, stderr        gone
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAME_MAX (64u << 20)
#define OUTPUT_MAX (1u << 20)

struct output {
  int fd;
  char *bytes;
  size_t length, capacity;
};

struct child {
  uint32_t id;
  pid_t pid;
  int told_first_line;
  struct output output[2]; /* stdout, stderr */
  struct child *next;
};

static struct child *children;
static int poller;
static int null_fd;

static void fail(const char *doing) {
  fprintf(stderr, "slash28-spawn: %s: %s\n", doing, strerror(errno));
  exit(1);
}

static void write_all(const void *from, size_t length) {
  const char *at = from;
  while (length > 0) {
    ssize_t n = write(1, at, length);
    if (n > 0) {
      at += n;
      length -= (size_t)n;
    } else if (n < 0 && errno == EAGAIN) {
      struct pollfd wait = {.fd = 1, .events = POLLOUT};
      poll(&wait, 1, -1);
    } else if (n < 0 && errno != EINTR) {
      exit(0); /* the supervisor is gone */
    }
  }
}

static void tell(char kind, uint32_t id, const void *body, uint32_t length) {
  char head[9];
  uint32_t rest = 5 + length;
  memcpy(head, &rest, 4);
  head[4] = kind;
  memcpy(head + 5, &id, 4);
  write_all(head, sizeof head);
  if (length > 0) write_all(body, length);
}

static void tell_exit(const struct child *c, int status) {
  uint32_t out = (uint32_t)c->output[0].length, err = (uint32_t)c->output[1].length;
  char head[21];
  uint32_t rest = 5 + 12 + out + err;
  int32_t code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  int32_t signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  memcpy(head, &rest, 4);
  head[4] = 'X';
  memcpy(head + 5, &c->id, 4);
  memcpy(head + 9, &code, 4);
  memcpy(head + 13, &signal_number, 4);
  memcpy(head + 17, &out, 4);
  write_all(head, sizeof head);
  if (out > 0) write_all(c->output[0].bytes, out);
  if (err > 0) write_all(c->output[1].bytes, err);
}

static void close_output(struct output *o) {
  if (o->fd < 0) return;
  /* Closing is not enough: a program about to start still has a copy of the descriptor for a moment (execve lets the vfork parent
     go before it closes what is close-on-exec), and the poller would go on naming a child that is freed. */
  epoll_ctl(poller, EPOLL_CTL_DEL, o->fd, NULL);
  close(o->fd);
  o->fd = -1;
}

/* Reads what is there now. */
static void drain(struct child *c, int index) {
  struct output *o = &c->output[index];
  char chunk[16384];
  while (o->fd >= 0) {
    ssize_t n = read(o->fd, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n <= 0) {
      close_output(o);
      break;
    }
    size_t keep = o->length + (size_t)n > OUTPUT_MAX ? OUTPUT_MAX - o->length : (size_t)n;
    if (o->length + keep > o->capacity) {
      o->capacity = (o->length + keep) * 2;
      o->bytes = realloc(o->bytes, o->capacity);
      if (o->bytes == NULL) fail("growing a buffer");
    }
    memcpy(o->bytes + o->length, chunk, keep);
    o->length += keep;
  }
  if (index == 0 && !c->told_first_line && o->length > 0) {
    char *end = memchr(o->bytes, '\n', o->length);
    if (end != NULL) {
      c->told_first_line = 1;
      tell('L', c->id, o->bytes, (uint32_t)(end - o->bytes));
    }
  }
}

static void reap(void) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    for (struct child **at = &children; *at != NULL; at = &(*at)->next) {
      struct child *c = *at;
      if (c->pid != pid) continue;
      for (int i = 0; i < 2; i++) {
        drain(c, i);
        close_output(&c->output[i]);
      }
      tell_exit(c, status);
      *at = c->next;
      free(c->output[0].bytes);
      free(c->output[1].bytes);
      free(c);
      break;
    }
  }
}

static int stdin_of(const char *bytes, uint32_t length) {
  if (length == 0) return -1;
  int fd = memfd_create("stdin", MFD_CLOEXEC);
  if (fd < 0) return -1;
  for (uint32_t done = 0; done < length;) {
    ssize_t n = write(fd, bytes + done, length - done);
    if (n <= 0) {
      close(fd);
      return -1;
    }
    done += (uint32_t)n;
  }
  lseek(fd, 0, SEEK_SET);
  return fd;
}

/* Returns the pid, or -1 with errno set; the child has the memory in common until it runs its program. */
static pid_t launch(char **argv, char **envp, const int fds[3]) {
  volatile int failed = 0;
  pid_t parent = getpid();
  pid_t pid = vfork();
  if (pid == 0) {
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    for (int i = 0; i < 3; i++) {
      if (dup2(fds[i], i) < 0) failed = errno;
    }
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (!failed) {
      execve(argv[0], argv, envp);
      failed = errno;
    }
    _exit(127);
  }
  if (pid < 0 || !failed) return pid;
  waitpid(pid, NULL, 0);
  errno = failed;
  return -1;
}

static void watch(struct child *c, int index, int fd) {
  fcntl(fd, F_SETFL, O_NONBLOCK);
  c->output[index].fd = fd;
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)(uintptr_t)c | (uint64_t)index};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0) fail("watching a pipe");
}

static void start(uint32_t id, char *body, uint32_t length) {
  uint32_t argc, envc, input;
  if (length < 12) exit(1);
  memcpy(&argc, body, 4);
  memcpy(&envc, body + 4, 4);
  memcpy(&input, body + 8, 4);
  char **strings = calloc((size_t)argc + envc + 2, sizeof *strings);
  if (strings == NULL) fail("allocating");
  char *at = body + 12, *end = body + length;
  for (uint32_t i = 0; i < argc + envc; i++) {
    char *stop = memchr(at, 0, (size_t)(end - at));
    if (stop == NULL) exit(1);
    strings[i < argc ? i : i + 1] = at;
    at = stop + 1;
  }
  int out[2] = {-1, -1}, err[2] = {-1, -1};
  int in = input > 0 && (size_t)(end - at) >= input ? stdin_of(at, input) : null_fd;
  pid_t pid = -1;
  if (in >= 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0) {
    int fds[3] = {in, out[1], err[1]};
    pid = launch(strings, strings + argc + 1, fds);
  }
  int reason = errno;
  if (in >= 0 && in != null_fd) close(in);
  if (out[1] >= 0) close(out[1]);
  if (err[1] >= 0) close(err[1]);
  if (pid < 0) {
    if (out[0] >= 0) close(out[0]);
    if (err[0] >= 0) close(err[0]);
    tell('F', id, strerror(reason), (uint32_t)strlen(strerror(reason)));
  } else {
    struct child *c = calloc(1, sizeof *c);
    if (c == NULL) fail("allocating");
    c->id = id;
    c->pid = pid;
    c->next = children;
    children = c;
    watch(c, 0, out[0]);
    watch(c, 1, err[0]);
    uint32_t number = (uint32_t)pid;
    tell('P', id, &number, 4);
  }
  free(strings);
}

static void send_signal(uint32_t id, uint32_t number) {
  for (struct child *c = children; c != NULL; c = c->next) {
    if (c->id == id) kill(number == SIGKILL ? -c->pid : c->pid, (int)number);
  }
}

static void obey(char *frame, uint32_t length) {
  uint32_t id, number;
  if (length < 5) exit(1);
  memcpy(&id, frame + 1, 4);
  if (frame[0] == 'S') start(id, frame + 5, length - 5);
  if (frame[0] == 'K' && length >= 9) {
    memcpy(&number, frame + 5, 4);
    send_signal(id, number);
  }
}

static void read_requests(void) {
  static char *buffer;
  static size_t length, capacity;
  if (capacity - length < 65536) {
    capacity = capacity * 2 + 65536;
    buffer = realloc(buffer, capacity);
    if (buffer == NULL) fail("growing a buffer");
  }
  ssize_t n = read(0, buffer + length, capacity - length);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (n <= 0) exit(0);
  length += (size_t)n;
  size_t done = 0;
  uint32_t size;
  while (length - done >= 4) {
    memcpy(&size, buffer + done, 4);
    if (size > FRAME_MAX) exit(1);
    if (length - done - 4 < size) break;
    obey(buffer + done + 4, size);
    done += 4 + size;
  }
  memmove(buffer, buffer + done, length - done);
  length -= done;
}

int main(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  sigset_t waited;
  sigemptyset(&waited);
  sigaddset(&waited, SIGCHLD);
  /* Interrupts from the terminal are the supervisor's to handle. */
  sigaddset(&waited, SIGINT);
  sigaddset(&waited, SIGHUP);
  sigprocmask(SIG_BLOCK, &waited, NULL);
  signal(SIGPIPE, SIG_IGN);
  sigset_t child_only;
  sigemptyset(&child_only);
  sigaddset(&child_only, SIGCHLD);
  int ended = signalfd(-1, &child_only, SFD_CLOEXEC | SFD_NONBLOCK);
  null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (ended < 0 || null_fd < 0 || poller < 0) fail("starting");
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = 2};
  epoll_ctl(poller, EPOLL_CTL_ADD, ended, &event);
  event.data.u64 = 3;
  epoll_ctl(poller, EPOLL_CTL_ADD, 0, &event);
  for (;;) {
    /* One event at a time: handling one may free the child that a later one names. */
    struct epoll_event got;
    if (epoll_wait(poller, &got, 1, -1) != 1) continue;
    if (got.data.u64 == 3) {
      read_requests();
    } else if (got.data.u64 == 2) {
      struct signalfd_siginfo info;
      while (read(ended, &info, sizeof info) > 0) continue;
      reap();
    } else {
      drain((struct child *)(uintptr_t)(got.data.u64 & ~(uint64_t)7), (int)(got.data.u64 & 7));
    }
  }
}
