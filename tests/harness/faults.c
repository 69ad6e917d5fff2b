/* Counts the system calls that change a folder, and lets one of them go wrong; or records all.
 *
 * Loaded in front of the C library (LD_PRELOAD), so that what Python, SQLite and any other
 * library write is seen alike: no call can be forgotten. The test says which call, and how.
 *
 * A record is a line "name inode place length path_length to_length" - of a write its first
 * byte and number of bytes - and then the two paths within the folder and what was written.
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
#include <sys/stat.h>
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
static FILE *record;

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
  if (record) fclose(record);
  record = NULL;
  return n;
}

/* Begin to count in the same way, and record in a file outside of the folder what is done. */
void fault_record(const char *place, const char *to, long at, int how) {
  fault_start(place, at, how);
  record = fopen(to, "wb");
}

/* Put into the record that what was done until here has been answered as done. */
void fault_mark(void) {
  if (record) fputs("mark 0 0 0 0 0\n", record);
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

/* The path within the folder, or NULL outside of it. */
static const char *inside(const char *path) {
  if (strncmp(path, folder, folder_length)) return NULL;
  const char *within = path + folder_length;
  return *within && *within != '/' ? NULL : within;
}

/* Record a call that went well; the file is told by its descriptor or, at -1, by its path. */
static void note(const char *name, int fd, const char *path, const char *to, long long place,
                 const void *data, size_t n) {
  const char *from = inside(path), *into = to ? inside(to) : "";
  if (!record || !from || !into) return;
  struct stat file = {0};
  if (fd >= 0) fstat(fd, &file);
  else lstat(path, &file);
  /* Threads may sync files at once. */
  flockfile(record);
  fprintf(record, "%s %llu %lld %zu %zu %zu\n", name, (unsigned long long)file.st_ino, place, n,
          strlen(from), strlen(into));
  fputs(from, record), fputs(into, record);
  if (data) fwrite(data, 1, n, record);
  funlockfile(record);
}

/* Whether this call is to go wrong; it takes room on the disk or not. */
static int wrong(const char *name, const char *path, int takes_room) {
  if (n_calls < 0) return 0;
  const char *within = inside(path);
  if (!within) return 0;
  long number = __atomic_fetch_add(&n_calls, 1, __ATOMIC_SEQ_CST);
  if (number < MOST) snprintf(told[number], LONGEST, "%s .%s", name, within);
  if (fault == CALM || number < fault_at) return 0;
  /* A full disk stays full, and lets go of what is removed. */
  if (fault == FULL) return takes_room;
  return number == fault_at;
}

/* Record what took two paths, each beside a folder. */
static void twice(const char *name, int fd, const char *path, int to_fd, const char *to) {
  char first[PATH_MAX], second[PATH_MAX];
  note(name, -1, at_folder(fd, path, first), at_folder(to_fd, to, second), 0, NULL, 0);
}

static int fail(void) {
  if (fault == KILL) {
    if (record) fflush(record);
    kill(getpid(), SIGKILL);
  }
  errno = fault == FULL ? ENOSPC : EIO;
  return -1;
}

/* What an open that went well has changed. */
static int opened(int fd, const char *path, int flags, int is_new) {
  if (fd < 0) return fd;
  if (is_new) note("create", fd, path, NULL, 0, NULL, 0);
  else if (flags & O_TRUNC) note("truncate", fd, path, NULL, 0, NULL, 0);
  return fd;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(name); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (n_calls < 0) return real(path, flags, mode); \
    int is_new = flags & O_CREAT && access(path, F_OK); \
    if (is_new && wrong("create", path, 1)) return fail(); \
    return opened(real(path, flags, mode), path, flags, is_new); \
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
    if (n_calls < 0) return real(fd, path, flags, mode); \
    int is_new = flags & O_CREAT && faccessat(fd, path, F_OK, 0); \
    const char *whole = at_folder(fd, path, buffer); \
    if (is_new && wrong("create", whole, 1)) return fail(); \
    return opened(real(fd, path, flags, mode), whole, flags, is_new); \
  }
OPENAT(openat)
OPENAT(openat64)

/* Half of it is written before it goes wrong. */
ssize_t write(int fd, const void *data, size_t n) {
  REAL(write);
  char buffer[PATH_MAX];
  if (n_calls < 0) return real(fd, data, n);
  if (wrong("write", of_descriptor(fd, buffer), 1)) {
    ssize_t half = real(fd, data, n / 2);
    if (half > 0) note("write", fd, buffer, NULL, lseek(fd, 0, SEEK_CUR) - half, data, half);
    return fail();
  }
  ssize_t done = real(fd, data, n);
  if (done > 0) note("write", fd, buffer, NULL, lseek(fd, 0, SEEK_CUR) - done, data, done);
  return done;
}

#define PWRITE(name) \
  ssize_t name(int fd, const void *data, size_t n, off_t place) { \
    REAL(name); \
    char buffer[PATH_MAX]; \
    if (n_calls < 0) return real(fd, data, n, place); \
    if (wrong("write", of_descriptor(fd, buffer), 1)) { \
      ssize_t half = real(fd, data, n / 2, place); \
      if (half > 0) note("write", fd, buffer, NULL, place, data, half); \
      return fail(); \
    } \
    ssize_t done = real(fd, data, n, place); \
    if (done > 0) note("write", fd, buffer, NULL, place, data, done); \
    return done; \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t writev(int fd, const struct iovec *parts, int n) {
  REAL(writev);
  char buffer[PATH_MAX];
  if (n_calls < 0) return real(fd, parts, n);
  if (wrong("write", of_descriptor(fd, buffer), 1)) return fail();
  ssize_t rest = real(fd, parts, n), done = rest;
  off_t place = rest > 0 ? lseek(fd, 0, SEEK_CUR) - rest : 0;
  for (int part = 0; rest > 0; part++) {
    ssize_t length = (ssize_t)parts[part].iov_len < rest ? (ssize_t)parts[part].iov_len : rest;
    note("write", fd, buffer, NULL, place, parts[part].iov_base, length);
    place += length, rest -= length;
  }
  return done;
}

#define BY_DESCRIPTOR(name, said, room, length, parameters, ...) \
  int name parameters { \
    REAL(name); \
    char buffer[PATH_MAX]; \
    if (n_calls < 0) return real(__VA_ARGS__); \
    if (wrong(said, of_descriptor(fd, buffer), room)) return fail(); \
    int failed = real(__VA_ARGS__); \
    if (!failed) note(said, fd, buffer, NULL, length, NULL, 0); \
    return failed; \
  }
BY_DESCRIPTOR(fsync, "sync", 0, 0, (int fd), fd)
BY_DESCRIPTOR(fdatasync, "sync", 0, 0, (int fd), fd)
BY_DESCRIPTOR(ftruncate, "truncate", 0, n, (int fd, off_t n), fd, n)
BY_DESCRIPTOR(ftruncate64, "truncate", 0, n, (int fd, off_t n), fd, n)

#define BY_PATH(name, said, room, target, length, parameters, ...) \
  int name parameters { \
    REAL(name); \
    if (n_calls < 0) return real(__VA_ARGS__); \
    if (wrong(said, path, room)) return fail(); \
    int failed = real(__VA_ARGS__); \
    if (!failed) note(said, -1, path, target, length, NULL, 0); \
    return failed; \
  }
BY_PATH(unlink, "remove", 0, NULL, 0, (const char *path), path)
BY_PATH(rmdir, "remove", 0, NULL, 0, (const char *path), path)
BY_PATH(mkdir, "folder", 1, NULL, 0, (const char *path, mode_t mode), path, mode)
BY_PATH(truncate, "truncate", 0, NULL, n, (const char *path, off_t n), path, n)
BY_PATH(rename, "rename", 0, to, 0, (const char *path, const char *to), path, to)
BY_PATH(link, "link", 1, to, 0, (const char *path, const char *to), path, to)

#define AT(name, said, room, other, parameters, ...) \
  int name parameters { \
    REAL(name); \
    char buffer[PATH_MAX]; \
    if (n_calls < 0) return real(__VA_ARGS__); \
    if (wrong(said, at_folder(fd, path, buffer), room)) return fail(); \
    int failed = real(__VA_ARGS__); \
    if (!failed) other; \
    return failed; \
  }
#define WHOLE at_folder(fd, path, buffer)
AT(unlinkat, "remove", 0, note("remove", -1, WHOLE, NULL, 0, NULL, 0),
   (int fd, const char *path, int flags), fd, path, flags)
AT(mkdirat, "folder", 1, note("folder", -1, WHOLE, NULL, 0, NULL, 0),
   (int fd, const char *path, mode_t mode), fd, path, mode)
AT(renameat, "rename", 0, twice("rename", fd, path, to_fd, to),
   (int fd, const char *path, int to_fd, const char *to), fd, path, to_fd, to)
AT(linkat, "link", 1, twice("link", fd, path, to_fd, to),
   (int fd, const char *path, int to_fd, const char *to, int flags), fd, path, to_fd, to, flags)
