/*
 * slash28-web: a small web server that stands in for nginx.
 *
 * slash28-web [PORT]            80 unless given
 *
 * Answers every GET and HEAD with 200 and a page that names the pod and the address it was reached at. Writes one access line per
 * request to stdout in nginx's "combined" form. SIGTERM, SIGINT and SIGQUIT end it at once with code 0.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 512
#define REQUEST_MAX 8192

struct client {
  char request[REQUEST_MAX];
  size_t length;
  struct sockaddr_in from;
};

static struct pollfd watched[CLIENTS_MAX + 1];
static struct client *clients[CLIENTS_MAX + 1];
static int count = 1;

static void stop(int signal_number) {
  (void)signal_number;
  _exit(0);
}

static void drop(int i) {
  close(watched[i].fd);
  free(clients[i]);
  count--;
  watched[i] = watched[count];
  clients[i] = clients[count];
}

static void header_of(const char *request, const char *name, char *value, size_t size) {
  size_t length = strlen(name);
  snprintf(value, size, "-");
  for (const char *line = strstr(request, "\r\n"); line != NULL && line[2] != '\r'; line = strstr(line + 2, "\r\n")) {
    if (strncasecmp(line + 2, name, length) != 0 || line[2 + length] != ':') continue;
    const char *from = line + 3 + length;
    while (*from == ' ') from++;
    const char *to = strstr(from, "\r\n");
    snprintf(value, size, "%.*s", (int)(to == NULL ? strlen(from) : (size_t)(to - from)), from);
    return;
  }
}

static void write_access_line(const struct client *c, int status, size_t body) {
  char when[64], agent[512], referer[512], address[INET_ADDRSTRLEN];
  time_t now = time(NULL);
  strftime(when, sizeof when, "%d/%b/%Y:%H:%M:%S +0000", gmtime(&now));
  inet_ntop(AF_INET, &c->from.sin_addr, address, sizeof address);
  header_of(c->request, "User-Agent", agent, sizeof agent);
  header_of(c->request, "Referer", referer, sizeof referer);
  int line = (int)strcspn(c->request, "\r\n");
  printf("%s - - [%s] \"%.*s\" %d %zu \"%s\" \"%s\"\n", address, when, line, c->request, status, body, referer, agent);
  fflush(stdout);
}

/* Returns whether the connection stays open. */
static int answer(int fd, const struct client *c) {
  struct utsname host;
  struct sockaddr_in self;
  socklen_t size = sizeof self;
  char address[INET_ADDRSTRLEN] = "?", connection[32], body[1024], head[512];
  uname(&host);
  if (getsockname(fd, (struct sockaddr *)&self, &size) == 0) inet_ntop(AF_INET, &self.sin_addr, address, sizeof address);
  int is_head = strncmp(c->request, "HEAD ", 5) == 0;
  int is_known = is_head || strncmp(c->request, "GET ", 4) == 0;
  int status = is_known ? 200 : 405;
  header_of(c->request, "Connection", connection, sizeof connection);
  int line = (int)strcspn(c->request, "\r\n");
  int keeps = memmem(c->request, (size_t)line, "HTTP/1.1", 8) != NULL && strcasecmp(connection, "close") != 0;
  int length = is_known ? snprintf(body, sizeof body,
                                   "<!DOCTYPE html>\n<html><head><title>Welcome to nginx!</title></head>\n<body><h1>Welcome to nginx!</h1>\n"
                                   "<p>pod %s, address %s</p>\n<p>A stand-in for nginx in a slash28 lab.</p></body></html>\n",
                                   host.nodename, address)
                        : snprintf(body, sizeof body, "405 Not Allowed\n");
  int head_length = snprintf(head, sizeof head, "HTTP/1.1 %d %s\r\nServer: nginx (slash28 stand-in)\r\nContent-Type: text/%s\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n",
                             status, is_known ? "OK" : "Not Allowed", is_known ? "html" : "plain", length, keeps ? "keep-alive" : "close");
  char reply[2048];
  memcpy(reply, head, (size_t)head_length);
  memcpy(reply + head_length, body, (size_t)length);
  size_t total = (size_t)head_length + (is_head ? 0 : (size_t)length);
  ssize_t sent = send(fd, reply, total, MSG_NOSIGNAL);
  write_access_line(c, status, is_head ? 0 : (size_t)length);
  return keeps && sent == (ssize_t)total;
}

static void serve(int i) {
  struct client *c = clients[i];
  ssize_t n = recv(watched[i].fd, c->request + c->length, REQUEST_MAX - 1 - c->length, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    drop(i);
    return;
  }
  c->length += (size_t)n;
  c->request[c->length] = 0;
  for (char *end; (end = strstr(c->request, "\r\n\r\n")) != NULL;) {
    if (!answer(watched[i].fd, c)) {
      drop(i);
      return;
    }
    size_t used = (size_t)(end + 4 - c->request);
    memmove(c->request, c->request + used, c->length - used + 1);
    c->length -= used;
  }
  if (c->length == REQUEST_MAX - 1) drop(i);
}

static void welcome(int listener) {
  struct sockaddr_in from;
  socklen_t size = sizeof from;
  int fd = accept4(listener, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  struct client *c = count <= CLIENTS_MAX ? calloc(1, sizeof *c) : NULL;
  if (c == NULL) {
    close(fd);
    return;
  }
  c->from = from;
  watched[count] = (struct pollfd){fd, POLLIN, 0};
  clients[count++] = c;
}

int main(int argc, char **argv) {
  int port = argc > 1 ? atoi(argv[1]) : 80, yes = 1;
  signal(SIGTERM, stop);
  signal(SIGINT, stop);
  signal(SIGQUIT, stop);
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (listener < 0 || bind(listener, (struct sockaddr *)&any, sizeof any) < 0 || listen(listener, 511) < 0) {
    fprintf(stderr, "slash28-web: cannot listen on port %d: %s\n", port, strerror(errno));
    return 1;
  }
  fprintf(stderr, "slash28-web stands in for nginx; listening on port %d\n", port);
  watched[0] = (struct pollfd){listener, POLLIN, 0};
  for (;;) {
    if (poll(watched, (nfds_t)count, -1) < 0) continue;
    for (int i = count - 1; i > 0; i--) {
      if (watched[i].revents != 0) serve(i);
    }
    if (watched[0].revents != 0) welcome(watched[0].fd);
  }
}
