/*
 * slash28-run probe NETNS ADDRESS PORT TIMEOUT_MS                                opens a TCP connection
 * slash28-run probe NETNS ADDRESS PORT TIMEOUT_MS PATH HOST ["Name: value"…]     asks by HTTP GET; 200–399 is success
 *
 * Exit 0 is success; otherwise stdout says why not.
 */
#include "run.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

static long deadline_ms;

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int ready(int fd, short events) {
  struct pollfd wait = {fd, events, 0};
  long left = deadline_ms - now_ms();
  return left > 0 && poll(&wait, 1, (int)left) == 1;
}

static int refuse(const char *why, const char *detail) {
  printf("%s%s\n", why, detail);
  return 1;
}

static int ask(int fd, int argc, char **argv) {
  char request[8192], reply[4096];
  int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: kube-probe/1.35\r\nAccept: */*\r\nConnection: close\r\n", argv[5], argv[6]);
  for (int i = 7; i < argc && length < (int)sizeof request; i++) length += snprintf(request + length, sizeof request - (size_t)length, "%s\r\n", argv[i]);
  if (length + 3 > (int)sizeof request) return refuse("the probe's headers are too long", "");
  memcpy(request + length, "\r\n", 2);
  length += 2;
  for (int done = 0; done < length;) {
    ssize_t n = ready(fd, POLLOUT) ? send(fd, request + done, (size_t)(length - done), MSG_NOSIGNAL) : -1;
    if (n <= 0) return refuse("context deadline exceeded while sending", "");
    done += (int)n;
  }
  size_t have = 0;
  while (have < sizeof reply - 1 && (have < 13 || memchr(reply, '\n', have) == NULL)) {
    if (!ready(fd, POLLIN)) return refuse("context deadline exceeded (Client.Timeout exceeded while awaiting headers)", "");
    ssize_t n = recv(fd, reply + have, sizeof reply - 1 - have, 0);
    if (n <= 0) break;
    have += (size_t)n;
  }
  reply[have] = 0;
  int status = 0;
  if (sscanf(reply, "HTTP/%*s %d", &status) != 1) return refuse("the answer is not HTTP", "");
  if (status >= 200 && status < 400) return 0;
  snprintf(request, sizeof request, "%d", status);
  return refuse("HTTP probe failed with statuscode: ", request);
}

int probe_main(int argc, char **argv) {
  if (argc < 5) {
    fprintf(stderr, "usage: slash28-run probe NETNS ADDRESS PORT TIMEOUT_MS [PATH HOST HEADER…]\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int net = open(argv[1], O_RDONLY | O_CLOEXEC);
  if (net < 0 || setns(net, CLONE_NEWNET) < 0) fail("joining the network namespace", argv[1]);
  deadline_ms = now_ms() + atol(argv[4]);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[3]))};
  if (inet_pton(AF_INET, argv[2], &to.sin_addr) != 1) return refuse("not an IPv4 address: ", argv[2]);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("making a socket", "");
  int error = 0;
  socklen_t size = sizeof error;
  if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) error = errno;
  else if (!ready(fd, POLLOUT)) error = ETIMEDOUT;
  else getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    char where[256];
    snprintf(where, sizeof where, "%s:%s: connect: %s", argv[2], argv[3], strerror(error));
    return refuse("dial tcp ", where);
  }
  return argc > 6 ? ask(fd, argc, argv) : 0;
}
