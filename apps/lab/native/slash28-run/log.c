/*
 * A container's log: "<RFC 3339 time> stdout|stderr F|P <line>", F for a whole line and P for a part of one, as container
 * runtimes write it. A file over its size is renamed to <path>.1 and begun anew.
 */
#include "run.h"

#include <sys/stat.h>
#include <time.h>

#define LINE_MAX_BYTES 16384

static const char *log_path;
static int log_fd = -1;
static long log_size, log_max;
static char pending[2][LINE_MAX_BYTES];
static size_t pending_length[2];

void log_open(const char *path, long bytes_max) {
  log_path = path;
  log_max = bytes_max;
  log_fd = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0640);
  if (log_fd < 0) fail("opening the log", path);
  struct stat now;
  log_size = fstat(log_fd, &now) == 0 ? (long)now.st_size : 0;
}

static void rotate(void) {
  char older[4096];
  snprintf(older, sizeof older, "%s.1", log_path);
  if (rename(log_path, older) < 0) return;
  int fd = open(log_path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0640);
  if (fd < 0) return;
  dup3(fd, log_fd, O_CLOEXEC);
  close(fd);
  log_size = 0;
}

static void write_line(int stream, const char *text, size_t length, char tag) {
  char line[LINE_MAX_BYTES + 96];
  struct timespec now;
  struct tm utc;
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &utc);
  size_t at = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &utc);
  at += (size_t)snprintf(line + at, sizeof line - at, ".%09ldZ %s %c ", now.tv_nsec, stream == 0 ? "stdout" : "stderr", tag);
  memcpy(line + at, text, length);
  at += length;
  line[at++] = '\n';
  if (log_size > 0 && log_size + (long)at > log_max) rotate();
  ssize_t n = write(log_fd, line, at); /* a full disk loses the line, not the container */
  if (n > 0) log_size += n;
}

void log_bytes(int stream, const char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) {
    size_t *used = &pending_length[stream];
    if (bytes[i] == '\n') {
      write_line(stream, pending[stream], *used, 'F');
      *used = 0;
      continue;
    }
    if (*used == LINE_MAX_BYTES) {
      write_line(stream, pending[stream], *used, 'P');
      *used = 0;
    }
    pending[stream][(*used)++] = bytes[i];
  }
}

void log_flush(int stream) {
  if (pending_length[stream] > 0) write_line(stream, pending[stream], pending_length[stream], 'F');
  pending_length[stream] = 0;
}
