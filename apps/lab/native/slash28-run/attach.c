/*
 * Who watches a container and types into it: clients of a socket in the file system.
 *
 * A client says first, with one byte, whether it types: 'i' or 'o'. What follows is input as it is, and the end of its
 * sending is the end of its input. It is sent the container's output from then on, as frames: u8 stream (1 or 2), u16
 * length (little endian), the bytes. A client that does not take its output holds the container's output back.
 */
#include "run.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define CLIENTS_MAX 8
#define HEAD_BYTES 3
#define CHUNK_MAX_BYTES 16384
#define FAREWELL_MS 1000

struct client {
  int fd;           /* -1: free */
  int said, types;  /* its first byte has come; it gives input */
  int has_ended;    /* nothing more comes from it */
  char owed[HEAD_BYTES + CHUNK_MAX_BYTES];
  size_t owed_from, owed_to;
};

static struct client clients[CLIENTS_MAX];
static int listener = -1;
static int input = -1, input_ends_with_client;
static char typed[4096];
static size_t typed_from, typed_to;

void attach_listen(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char folder[4096];
  snprintf(folder, sizeof folder, "%s", path);
  char *name = strrchr(folder, '/');
  if (name == NULL) return;
  *name++ = 0;
  int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  /* By the folder's descriptor: an address has only 108 bytes, a path may have more. */
  snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%.64s", fd, name);
  unlink(path);
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  mode_t before = umask(0177);
  if (fd < 0 || listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, CLIENTS_MAX) < 0) {
    fail("listening at", path);
  }
  umask(before);
  close(fd);
  for (int i = 0; i < CLIENTS_MAX; i++) clients[i].fd = -1;
}

void attach_input(int fd, int ends_with_client) {
  input = fd;
  input_ends_with_client = ends_with_client;
  if (fd >= 0) fcntl(fd, F_SETFL, O_NONBLOCK);
}

static void end_input(void) {
  if (input >= 0) close(input);
  input = -1;
}

/* Nothing more is had from a client. */
static void end_of(struct client *client) {
  if (client->types && !client->has_ended && input_ends_with_client) end_input();
  client->has_ended = 1;
}

static void drop(struct client *client) {
  if (client->fd < 0) return;
  end_of(client);
  close(client->fd);
  client->fd = -1;
}

static int owes(const struct client *client) { return client->fd >= 0 && client->owed_from < client->owed_to; }

int attach_is_behind(void) {
  for (int i = 0; i < CLIENTS_MAX; i++) {
    if (owes(&clients[i])) return 1;
  }
  return 0;
}

static void pay(struct client *client) {
  while (owes(client)) {
    ssize_t n = send(client->fd, client->owed + client->owed_from, client->owed_to - client->owed_from, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) drop(client);
    if (n <= 0) return;
    client->owed_from += (size_t)n;
  }
}

void attach_show(int stream, const char *bytes, size_t length) {
  for (int i = 0; i < CLIENTS_MAX; i++) {
    struct client *client = &clients[i];
    if (client->fd < 0 || !client->said || length > CHUNK_MAX_BYTES) continue;
    client->owed[0] = (char)(stream + 1);
    client->owed[1] = (char)(length & 0xff);
    client->owed[2] = (char)(length >> 8);
    memcpy(client->owed + HEAD_BYTES, bytes, length);
    client->owed_from = 0;
    client->owed_to = HEAD_BYTES + length;
    pay(client);
  }
}

static void type(void) {
  while (input >= 0 && typed_from < typed_to) {
    ssize_t n = write(input, typed + typed_from, typed_to - typed_from);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) end_input(); /* the program reads no more */
    if (n <= 0) return;
    typed_from += (size_t)n;
  }
}

static void welcome(void) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  for (int i = 0; i < CLIENTS_MAX; i++) {
    if (clients[i].fd >= 0) continue;
    memset(&clients[i], 0, sizeof clients[i]);
    clients[i].fd = fd;
    return;
  }
  close(fd);
}

static void hear(struct client *client) {
  char mode;
  ssize_t n = client->said ? read(client->fd, typed, sizeof typed) : read(client->fd, &mode, 1);
  if (n < 0) {
    if (errno != EAGAIN && errno != EINTR) drop(client);
    return;
  }
  if (n == 0) {
    end_of(client);
    return;
  }
  if (!client->said) {
    client->said = 1;
    client->types = mode == 'i';
  } else if (client->types && input >= 0) {
    typed_from = 0;
    typed_to = (size_t)n;
    type();
  }
}

/* What was typed last has not been taken whole. */
static int is_full(void) { return input >= 0 && typed_from < typed_to; }

int attach_poll(struct pollfd *watched) {
  watched[0] = (struct pollfd){listener, POLLIN, 0};
  watched[1] = (struct pollfd){is_full() ? input : -1, POLLOUT, 0};
  for (int i = 0; i < CLIENTS_MAX; i++) {
    short events = (short)((clients[i].has_ended || is_full() ? 0 : POLLIN) | (owes(&clients[i]) ? POLLOUT : 0));
    /* Its end is not looked for while what it typed before still waits. */
    int is_watched = listener >= 0 && (events != 0 || !is_full());
    watched[2 + i] = (struct pollfd){is_watched ? clients[i].fd : -1, events, 0};
  }
  return 2 + CLIENTS_MAX;
}

void attach_attend(const struct pollfd *watched) {
  if (watched[1].revents != 0) type();
  for (int i = 0; i < CLIENTS_MAX; i++) {
    short events = watched[2 + i].revents;
    if (events & POLLOUT) pay(&clients[i]);
    if (clients[i].fd >= 0 && (events & POLLIN)) {
      if (!is_full()) hear(&clients[i]);
    } else if (events & (POLLHUP | POLLERR)) drop(&clients[i]);
  }
  /* Last: a new client takes a place that nothing above was told of. */
  if (watched[0].revents != 0) welcome();
}

void attach_settle(void) {
  struct pollfd watched[CLIENTS_MAX];
  for (int i = 0; i < CLIENTS_MAX; i++) watched[i] = (struct pollfd){owes(&clients[i]) ? clients[i].fd : -1, POLLOUT, 0};
  int is_late = poll(watched, CLIENTS_MAX, FAREWELL_MS) == 0;
  for (int i = 0; i < CLIENTS_MAX; i++) {
    if (is_late && owes(&clients[i])) drop(&clients[i]);
    else if (watched[i].revents != 0) pay(&clients[i]);
  }
}

void attach_close(void) {
  if (listener < 0) return;
  while (attach_is_behind()) attach_settle();
  for (int i = 0; i < CLIENTS_MAX; i++) drop(&clients[i]);
}
