/* Counts the system calls that change a folder, and lets one of them go wrong.
 *
 * Loaded in front of the C library (LD_PRELOAD), so that what Python, SQLite and any other
 * library write is seen alike: no call can be forgotten. The test says which call, and how.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CALM, KILL, FULL, BROKEN };
enum { MOST = 20000, LONGEST = 200 };

static char folder[PATH_MAX];
static size_t folder_length;
static long n_calls = -1, fault_at;
static int fault;
static char told[MOST][LONGEST];

/* Begin to count; the call of this number, from 0, goes wrong in this way, or none where -1. */
void fault_start(const char *place, long at, int how) {
  folder_length = strlen(place);
  memcpy(folder, place, folder_length + 1);
  fault_at = at, fault = how, n_calls = 0;
}

/* End it; how many calls were made. */
long fault_stop(void) {
  long n = n_calls;
  n_calls = -1;
  return n;
}

/* What the call of a number was: its name, and the path within the folder. */
const char *fault_told(long number) { return number < MOST ? told[number] : ""; }

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static const char *of_descriptor(int fd, char *buffer) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, buffer, PATH_MAX - 1);
  if (n < 0) return "";
  buffer[n] = 0;
  return buffer;
}

static const char *at_folder(int fd, const char *path, char *buffer) {
  if (path[0] == '/' || fd == AT_FDCWD) return path;
  of_descriptor(fd, buffer);
  size_t n = strlen(buffer);
  snprintf(buffer + n, PATH_MAX - n, "/%s", path);
  return buffer;
}

/* Whether this call is to go wrong; it takes room on the disk or not. */
static int wrong(const char *name, const char *path, int takes_room) {
  if (n_calls < 0 || strncmp(path, folder, folder_length)) return 0;
  const char *within = path + folder_length;
  if (*within && *within != '/') return 0;
  long number = n_calls++;
  if (number < MOST) snprintf(told[number], LONGEST, "%s .%s", name, within);
  if (fault == CALM || number < fault_at) return 0;
  /* A full disk stays full, and lets go of what is removed. */
  if (fault == FULL) return takes_room;
  return number == fault_at;
}

static int fail(void) {
  if (fault == KILL) kill(getpid(), SIGKILL);
  errno = fault == FULL ? ENOSPC : EIO;
  return -1;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(name); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (n_calls >= 0 && flags & O_CREAT && access(path, F_OK) && wrong("create", path, 1)) \
      return fail(); \
    return real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
  int name(int fd, const char *path, int flags, ...) { \
    REAL(name); \
    char buffer[PATH_MAX]; \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (n_calls >= 0 && flags & O_CREAT && faccessat(fd, path, F_OK, 0) && \
        wrong("create", at_folder(fd, path, buffer), 1)) \
      return fail(); \
    return real(fd, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)

/* Half of it is written before it goes wrong. */
ssize_t write(int fd, const void *data, size_t n) {
  REAL(write);
  char buffer[PATH_MAX];
  if (n_calls >= 0 && wrong("write", of_descriptor(fd, buffer), 1)) {
    real(fd, data, n / 2);
    return fail();
  }
  return real(fd, data, n);
}

#define PWRITE(name) \
  ssize_t name(int fd, const void *data, size_t n, off_t place) { \
    REAL(name); \
    char buffer[PATH_MAX]; \
    if (n_calls >= 0 && wrong("write", of_descriptor(fd, buffer), 1)) { \
      real(fd, data, n / 2, place); \
      return fail(); \
    } \
    return real(fd, data, n, place); \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t writev(int fd, const struct iovec *parts, int n) {
  REAL(writev);
  char buffer[PATH_MAX];
  if (n_calls >= 0 && wrong("write", of_descriptor(fd, buffer), 1)) return fail();
  return real(fd, parts, n);
}

#define BY_DESCRIPTOR(name, said, room, parameters, ...) \
  int name parameters { \
    REAL(name); \
    char buffer[PATH_MAX]; \
    if (n_calls >= 0 && wrong(said, of_descriptor(fd, buffer), room)) return fail(); \
    return real(__VA_ARGS__); \
  }
BY_DESCRIPTOR(fsync, "sync", 0, (int fd), fd)
BY_DESCRIPTOR(fdatasync, "sync", 0, (int fd), fd)
BY_DESCRIPTOR(ftruncate, "truncate", 0, (int fd, off_t n), fd, n)
BY_DESCRIPTOR(ftruncate64, "truncate", 0, (int fd, off_t n), fd, n)

#define BY_PATH(name, said, room, parameters, ...) \
  int name parameters { \
    REAL(name); \
    if (n_calls >= 0 && wrong(said, path, room)) return fail(); \
    return real(__VA_ARGS__); \
  }
BY_PATH(unlink, "remove", 0, (const char *path), path)
BY_PATH(rmdir, "remove", 0, (const char *path), path)
BY_PATH(mkdir, "create", 1, (const char *path, mode_t mode), path, mode)
BY_PATH(truncate, "truncate", 0, (const char *path, off_t n), path, n)
BY_PATH(rename, "rename", 0, (const char *path, const char *to), path, to)
BY_PATH(link, "link", 1, (const char *path, const char *to), path, to)

int unlinkat(int fd, const char *path, int flags) {
  REAL(unlinkat);
  char buffer[PATH_MAX];
  if (n_calls >= 0 && wrong("remove", at_folder(fd, path, buffer), 0)) return fail();
  return real(fd, path, flags);
}

int mkdirat(int fd, const char *path, mode_t mode) {
  REAL(mkdirat);
  char buffer[PATH_MAX];
  if (n_calls >= 0 && wrong("create", at_folder(fd, path, buffer), 1)) return fail();
  return real(fd, path, mode);
}

int renameat(int fd, const char *path, int to_fd, const char *to) {
  REAL(renameat);
  char buffer[PATH_MAX];
  if (n_calls >= 0 && wrong("rename", at_folder(fd, path, buffer), 0)) return fail();
  return real(fd, path, to_fd, to);
}

int linkat(int fd, const char *path, int to_fd, const char *to, int flags) {
  REAL(linkat);
  char buffer[PATH_MAX];
  if (n_calls >= 0 && wrong("link", at_folder(to_fd, to, buffer), 1)) return fail();
  return real(fd, path, to_fd, to, flags);
}
