/*
 * aws-cni: the CNI plugin that a container runtime starts for every pod (CNI spec 1.1.0).
 *
 * It decides nothing. It checks its environment and that its input is JSON of a version it knows, hands both to the agent over a
 * Unix socket as one HTTP/1.1 POST (environment as headers, input as body), and prints the answer. When the agent is away the
 * runtime is told to try again (code 11). Then it writes one line to its log, where the configuration names one: after the answer, and
 * without a word when that fails. src/plugin.ts is the same program in JavaScript; one test suite runs over both.
 *
 * Build: cc -Os -static -o aws-cni aws-cni.c
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_SOCKET "/var/run/aws-node/slash28.sock"
#define INPUT_MAX (1u << 20)
#define REPLY_MAX (1u << 20)
#define ARGS_MAX 8192
#define DEPTH_MAX 100
#define ANSWER_MS 60000
#define LOG_MAX (100 << 20)

enum { INCOMPATIBLE_VERSION = 1, BAD_ENVIRONMENT = 4, IO_FAILURE = 5, BAD_JSON = 6, BAD_CONFIG = 7, TRY_AGAIN = 11, CANNOT_SERVE = 50 };
enum { ADD = 1, DEL = 2, CHECK = 4, STATUS = 8, GC = 16 };

static const char *const VERSIONS[] = {"0.3.1", "0.4.0", "1.0.0", "1.1.0"};
static const struct { const char *name; int bit; size_t since; } COMMANDS[] = {
    {"ADD", ADD, 0}, {"DEL", DEL, 0}, {"CHECK", CHECK, 1}, {"STATUS", STATUS, 3}, {"GC", GC, 3}};
static const struct { const char *name; const char *header; int required; int sent; } VARIABLES[] = {
    {"CNI_CONTAINERID", "Cni-Container-Id", ADD | DEL | CHECK, ADD | DEL | CHECK},
    {"CNI_NETNS", "Cni-Netns", ADD | CHECK, ADD | DEL | CHECK},
    {"CNI_IFNAME", "Cni-Ifname", ADD | DEL | CHECK, ADD | DEL | CHECK},
    {"CNI_ARGS", "Cni-Args", 0, ADD | DEL | CHECK},
    {"CNI_PATH", NULL, GC, 0}};
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

struct text { const char *at; size_t length; };
struct input { struct text version, socket, log_file, log_level; };

static const char *answer_version = "1.1.0";
static struct input found;
static const char *verb;
static long started_ms;

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void put_json_string(FILE *out, const char *text, size_t longest) {
  putc('"', out);
  for (const unsigned char *c = (const unsigned char *)text; *c && longest-- > 0; c++) {
    if (*c == '"' || *c == '\\') fprintf(out, "\\%c", *c);
    else putc(*c < 0x20 || *c > 0x7e ? '?' : *c, out);
  }
  putc('"', out);
}

static int is(struct text text, const char *word) {
  return text.length == strlen(word) && memcmp(text.at, word, text.length) == 0;
}

/* --- the log ---------------------------------------------------------------------------------------------------------------- */

static int open_log(const char *path) {
  int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  char folder[PATH_MAX], *slash = strrchr(strcpy(folder, path), '/');
  if (file >= 0 || errno != ENOENT || !slash) return file;
  *slash = '\0';
  return mkdir(folder, 0755) < 0 ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

/* A file that has grown large is put aside, in the place of the one that was put aside before. */
static int open_log_with_room(const char *path) {
  char aside[PATH_MAX + 2];
  struct stat told;
  int file = open_log(path);
  if (file < 0 || fstat(file, &told) < 0 || told.st_size < LOG_MAX) return file;
  snprintf(aside, sizeof aside, "%s.1", path);
  close(file);
  return rename(path, aside) < 0 ? -1 : open_log(path);
}

/* One line about this call, in one write: plugins run side by side. Failures are told at every level. */
static void log_call(int failed, const char *answer) {
  int is_stderr = found.log_file.length == 0 || is(found.log_file, "stderr");
  if (!found.log_file.at || (!failed && !(found.log_level.length == 5 && strncasecmp(found.log_level.at, "debug", 5) == 0))) return;
  if (found.log_file.length >= PATH_MAX || memchr(found.log_file.at, '\\', found.log_file.length) || is(found.log_file, "stdout")) return;
  char path[PATH_MAX], when[32], *line = NULL;
  size_t length = 0;
  struct timespec now;
  memcpy(path, found.log_file.at, found.log_file.length);
  path[found.log_file.length] = '\0';
  clock_gettime(CLOCK_REALTIME, &now);
  strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", gmtime(&now.tv_sec));
  int file = is_stderr ? STDERR_FILENO : open_log_with_room(path);
  FILE *out = file < 0 ? NULL : open_memstream(&line, &length);
  if (!out) return;
  fprintf(out, "{\"level\":\"%s\",\"ts\":\"%s.%03ldZ\",\"msg\":\"%s %s\",\"ms\":%ld", failed ? "error" : "debug", when,
          now.tv_nsec / 1000000, verb, failed ? "failed" : "done", now_ms() - started_ms);
  for (size_t i = 0; i < COUNT(VARIABLES); i++) {
    const char *set = getenv(VARIABLES[i].name);
    if (!set || !*set || !VARIABLES[i].sent) continue;
    fprintf(out, ",\"%s\":", VARIABLES[i].name);
    put_json_string(out, set, 1024);
  }
  if (failed) fputs(",\"answer\":", out), put_json_string(out, answer, 1024);
  fputs("}\n", out);
  if (fclose(out) == 0 && write(file, line, length) < 0) return;
}

static _Noreturn void fail(int code, const char *format, ...) {
  char message[512];
  va_list values;
  va_start(values, format);
  vsnprintf(message, sizeof message, format, values);
  va_end(values);
  printf("{\"cniVersion\":\"%s\",\"code\":%d,\"msg\":", answer_version, code);
  put_json_string(stdout, message, sizeof message);
  puts("}");
  fflush(stdout);
  log_call(1, message);
  exit(1);
}

/* --- JSON: valid or not, and two keys of the outermost object ------------------------------------------------------------- */

static const char *value(const char *c, struct input *found, int depth);

static const char *space(const char *c) {
  while (*c == ' ' || *c == '\t' || *c == '\n' || *c == '\r') c++;
  return c;
}

/* Each reader returns the place after what it read, or NULL. The input ends with a NUL, which no reader accepts. */
static const char *string(const char *c, struct text *out) {
  if (*c++ != '"') return NULL;
  out->at = c;
  for (; *c != '"'; c++) {
    if ((unsigned char)*c < 0x20) return NULL;
    if (*c != '\\') continue;
    c++;
    if (*c == 'u') {
      for (int i = 0; i < 4; i++) if (!isxdigit((unsigned char)*++c)) return NULL;
    } else if (*c == '\0' || !strchr("\"\\/bfnrt", *c)) return NULL;
  }
  out->length = (size_t)(c - out->at);
  return c + 1;
}

static const char *digits(const char *c) {
  if (!isdigit((unsigned char)*c)) return NULL;
  while (isdigit((unsigned char)*c)) c++;
  return c;
}

static const char *number(const char *c) {
  if (*c == '-') c++;
  if (*c == '0' && isdigit((unsigned char)c[1])) return NULL;
  if (!(c = digits(c))) return NULL;
  if (*c == '.' && !(c = digits(c + 1))) return NULL;
  if (*c == 'e' || *c == 'E') {
    c++;
    if (*c == '+' || *c == '-') c++;
    c = digits(c);
  }
  return c;
}

static const char *list(const char *c, char end, struct input *found, int depth) {
  c = space(c + 1);
  if (*c == end) return c + 1;
  for (;;) {
    struct text key = {0}, word = {0};
    if (end == '}') {
      if (!(c = string(space(c), &key)) || *(c = space(c)) != ':') return NULL;
      c = space(c + 1);
      if (found && *c == '"') {
        if (!string(c, &word)) return NULL;
        if (is(key, "cniVersion")) found->version = word;
        if (is(key, "agentSocket")) found->socket = word;
        if (is(key, "pluginLogFile")) found->log_file = word;
        if (is(key, "pluginLogLevel")) found->log_level = word;
      }
    }
    if (!(c = value(c, NULL, depth + 1))) return NULL;
    c = space(c);
    if (*c == end) return c + 1;
    if (*c++ != ',') return NULL;
  }
}

static const char *value(const char *c, struct input *found, int depth) {
  struct text ignored;
  if (depth > DEPTH_MAX) return NULL;
  c = space(c);
  if (*c == '{') return list(c, '}', found, depth);
  if (*c == '[') return list(c, ']', NULL, depth);
  if (*c == '"') return string(c, &ignored);
  if (strncmp(c, "true", 4) == 0 || strncmp(c, "null", 4) == 0) return c + 4;
  if (strncmp(c, "false", 5) == 0) return c + 5;
  return number(c);
}

/* --- what the runtime says -------------------------------------------------------------------------------------------------- */

static void check_form(const char *id, const char *ifname) {
  if (id && (!isalnum((unsigned char)*id) || id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")]))
    fail(BAD_ENVIRONMENT, "CNI_CONTAINERID %s is not a container id", id);
  if (ifname && (strlen(ifname) > 15 || !strcmp(ifname, ".") || !strcmp(ifname, "..") || ifname[strcspn(ifname, "/: \t\n\v\f\r")]))
    fail(BAD_ENVIRONMENT, "CNI_IFNAME %s is not a link name", ifname);
}

/* Puts the environment into request headers, and names everything that is missing in one message. */
static size_t read_environment(int command, const char *verb, char *headers, size_t size) {
  char missing[128] = "";
  size_t used = 0;
  for (size_t i = 0; i < COUNT(VARIABLES); i++) {
    const char *set = getenv(VARIABLES[i].name);
    if ((VARIABLES[i].required & command) && (!set || !*set)) {
      if (*missing) strcat(missing, ", ");
      strcat(missing, VARIABLES[i].name);
    }
    if (!set || !*set || !(VARIABLES[i].sent & command)) continue;
    if (strlen(set) > ARGS_MAX) fail(BAD_ENVIRONMENT, "%s is longer than %d bytes", VARIABLES[i].name, ARGS_MAX);
    for (const char *c = set; *c; c++)
      if ((unsigned char)*c < 0x20 || *c == 0x7f) fail(BAD_ENVIRONMENT, "%s holds a control character", VARIABLES[i].name);
    used += (size_t)snprintf(headers + used, size - used, "%s: %s\r\n", VARIABLES[i].header, set);
    if (used >= size) fail(BAD_ENVIRONMENT, "the CNI variables are longer than %zu bytes", size);
  }
  if (*missing) fail(BAD_ENVIRONMENT, "%s needs %s", verb, missing);
  if ((ADD | DEL | CHECK) & command) check_form(getenv("CNI_CONTAINERID"), getenv("CNI_IFNAME"));
  return used;
}

static size_t read_input(char *into) {
  size_t used = 0;
  for (;;) {
    ssize_t got = read(STDIN_FILENO, into + used, INPUT_MAX + 1 - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(IO_FAILURE, "reading the network configuration: %s", strerror(errno));
    used += (size_t)got;
    if (used > INPUT_MAX) fail(IO_FAILURE, "the network configuration is longer than %u bytes", INPUT_MAX);
    if (got == 0) break;
  }
  into[used] = '\0';
  return used;
}

static void check_version(struct text version, size_t since, const char *verb) {
  for (size_t i = 0; i < COUNT(VERSIONS); i++) {
    if (!is(version, VERSIONS[i])) continue;
    answer_version = VERSIONS[i];
    if (i < since) fail(INCOMPATIBLE_VERSION, "%s needs cniVersion %s or later, not %s", verb, VERSIONS[since], VERSIONS[i]);
    return;
  }
  fail(INCOMPATIBLE_VERSION, "cniVersion \"%.*s\" is not one of 0.3.1, 0.4.0, 1.0.0, 1.1.0", (int)(version.length > 40 ? 40 : version.length),
       version.at ? version.at : "");
}

/* --- the agent -------------------------------------------------------------------------------------------------------------- */

static int open_agent(struct text path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (path.at && (path.length == 0 || path.length >= sizeof address.sun_path || memchr(path.at, '\\', path.length)))
    fail(BAD_CONFIG, "agentSocket \"%.*s\" is not a socket path", (int)(path.length > 120 ? 120 : path.length), path.at);
  if (path.at) memcpy(address.sun_path, path.at, path.length);
  else strcpy(address.sun_path, DEFAULT_SOCKET);
  int agent = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (agent < 0 || connect(agent, (struct sockaddr *)&address, sizeof address) < 0) return -1;
  return agent;
}

static int send_all(int agent, const char *from, size_t length) {
  while (length > 0) {
    ssize_t sent = send(agent, from, length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return -1;
    from += sent;
    length -= (size_t)sent;
  }
  return 0;
}

/* Reads until the agent closes; -1 when it does not within the time. */
static ssize_t read_reply(int agent, char *into) {
  size_t used = 0;
  for (long deadline = now_ms() + ANSWER_MS;;) {
    struct pollfd ready = {.fd = agent, .events = POLLIN};
    long left = deadline - now_ms();
    if (left <= 0 || used == REPLY_MAX) return -1;
    int polled = poll(&ready, 1, (int)left);
    if (polled < 0 && errno == EINTR) continue;
    if (polled <= 0) return -1;
    ssize_t got = read(agent, into + used, REPLY_MAX - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    used += (size_t)got;
  }
  into[used] = '\0';
  return (ssize_t)used;
}

static long header_number(const char *head, const char *name) {
  const char *found = strcasestr(head, name);
  return found ? strtol(found + strlen(name), NULL, 10) : -1;
}

/* Prints the answer and returns its exit code; -1 when the answer is not whole. */
static int print_reply(char *reply, ssize_t length) {
  char *end = length > 0 ? strstr(reply, "\r\n\r\n") : NULL;
  if (!end) return -1;
  *end = '\0';
  char *body = end + 4;
  size_t body_length = (size_t)(reply + length - body);
  long code = header_number(reply, "\r\nCni-Exit:"), told = header_number(reply, "\r\nContent-Length:");
  if (code < 0 || told < 0 || (size_t)told != body_length) return -1;
  if (fwrite(body, 1, body_length, stdout) != body_length || fflush(stdout) != 0) return 1;
  log_call(code != 0, body);
  return code == 0 ? 0 : 1;
}

static int print_versions(void) {
  puts("{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}");
  return 0;
}

int main(void) {
  static char input[INPUT_MAX + 2], reply[REPLY_MAX + 1], head[4 * ARGS_MAX], variables[3 * ARGS_MAX];
  size_t known = 0;
  started_ms = now_ms();
  verb = getenv("CNI_COMMAND");
  if (!verb || !*verb) {
    fputs("aws-cni: CNI plugin of slash28, for CNI versions 0.3.1, 0.4.0, 1.0.0, 1.1.0; a container runtime starts it\n", stderr);
    return 0;
  }
  if (strcmp(verb, "VERSION") == 0) return print_versions();
  while (known < COUNT(COMMANDS) && strcmp(COMMANDS[known].name, verb) != 0) known++;
  if (known == COUNT(COMMANDS)) fail(BAD_ENVIRONMENT, "CNI_COMMAND %s is unknown", verb);
  size_t variables_length = read_environment(COMMANDS[known].bit, verb, variables, sizeof variables);

  size_t length = read_input(input);
  const char *end = *space(input) == '{' ? value(input, &found, 0) : NULL;
  if (!end || (size_t)(space(end) - input) != length) fail(BAD_JSON, "the network configuration is not a JSON object");
  check_version(found.version, COMMANDS[known].since, verb);

  int head_length = snprintf(head, sizeof head, "POST /cni HTTP/1.1\r\nHost: agent\r\nConnection: close\r\nCni-Command: %s\r\n%.*sContent-Length: %zu\r\n\r\n",
                             verb, (int)variables_length, variables, length);
  int agent = open_agent(found.socket);
  int code = -1;
  if (agent >= 0 && send_all(agent, head, (size_t)head_length) == 0 && send_all(agent, input, length) == 0)
    code = print_reply(reply, read_reply(agent, reply));
  if (code < 0)
    fail(COMMANDS[known].bit == STATUS ? CANNOT_SERVE : TRY_AGAIN, "the agent on this node does not answer; the runtime tries again");
  return code;
}
