/*
 * Faults of a file system, for tests: loaded into a server with LD_PRELOAD, it watches what the server does to the files under
 * one folder and fails, delays, cuts short or kills at a chosen operation.
 *
 * CHAT_FAULTS_UNDER    the folder, as an absolute path without symbolic links
 * CHAT_FAULTS_CONTROL  a file of WORDS 64-bit words, shared with the test, see enum word; src/faults.rs has the same list
 * CHAT_FAULTS_UNDO     a file that gets a record of all that is needed to take back what was not synced, see enum record
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* The plan is written by the test and may change at any time; from COUNTED on the words are this library's. */
enum word { ARMED, MODE, KINDS, AT, COUNT, PARAM, LYING, FULL, ROOM, UNDO, COUNTED = 16, FIRED, OPERATIONS, WORDS = 64 };
enum mode { KILL = 1, FAIL_EIO, FAIL_ENOSPC, SHORT_WRITE, SLOW };
enum kind { DB_WRITE, DB_SYNC, WAL_WRITE, WAL_SYNC, OTHER_WRITE, OTHER_SYNC, NAME, SHM_WRITE };
enum record { R_PATH = 1, R_WRITE, R_TRUNCATE, R_SYNC, R_SYNC_FAILED, R_CREATE, R_RENAME, R_LINK, R_MKDIR, R_UNLINK };

#define FDS 65536
#define FILES 65536

static _Atomic int64_t *control;
static char under[PATH_MAX];
static size_t under_length;
static int undo = -1;
/* For each descriptor the number of its file, beginning at 1. */
static int file_of[FDS];
static char *paths[FILES];
static int files = 1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(result, name, ...) static result (*real_##name)(__VA_ARGS__)
REAL(int, open, const char *, int, ...);
REAL(int, close, int);
REAL(ssize_t, write, int, const void *, size_t);
REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
REAL(ssize_t, writev, int, const struct iovec *, int);
REAL(int, ftruncate, int, off_t);
REAL(int, fsync, int);
REAL(int, fdatasync, int);
REAL(int, rename, const char *, const char *);
REAL(int, linkat, int, const char *, int, const char *, int);
REAL(int, unlinkat, int, const char *, int);
REAL(int, mkdirat, int, const char *, mode_t);

static void die(const char *why)
{
	dprintf(2, "faults: %s: %s\n", why, strerror(errno));
	_exit(97);
}

static void *find(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);
	if (!found)
		die(name);
	return found;
}

static void begin(void) __attribute__((constructor));
static void begin(void)
{
	static int begun;
	const char *folder = getenv("CHAT_FAULTS_UNDER"), *shared = getenv("CHAT_FAULTS_CONTROL");
	const char *journal = getenv("CHAT_FAULTS_UNDO");
	int fd;

	if (begun)
		return;
	begun = 1;
	real_open = find("open64");
	real_close = find("close");
	real_write = find("write");
	real_pwrite = find("pwrite64");
	real_writev = find("writev");
	real_ftruncate = find("ftruncate64");
	real_fsync = find("fsync");
	real_fdatasync = find("fdatasync");
	real_rename = find("rename");
	real_linkat = find("linkat");
	real_unlinkat = find("unlinkat");
	real_mkdirat = find("mkdirat");
	if (!folder || !shared)
		return;
	snprintf(under, sizeof under, "%s", folder);
	under_length = strlen(under);
	fd = real_open(shared, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("the control file");
	control = mmap(NULL, WORDS * 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (control == MAP_FAILED)
		die("mapping the control file");
	real_close(fd);
	if (journal && (undo = real_open(journal, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) < 0)
		die("the undo file");
}

static int is_under(const char *path)
{
	return control && !strncmp(path, under, under_length) && (path[under_length] == '/' || !path[under_length]);
}

/* The whole path of a name, or NULL if it is none of ours. */
static const char *whole(int at, const char *path, char *out)
{
	if (path[0] == '/' || !control)
		return control && is_under(path) ? path : NULL;
	char link[64], folder[PATH_MAX];
	snprintf(link, sizeof link, at == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", at);
	ssize_t length = readlink(link, folder, sizeof folder - 1);
	if (length < 0)
		return NULL;
	folder[length] = 0;
	if (snprintf(out, PATH_MAX, "%s/%s", folder, path) >= PATH_MAX)
		return NULL;
	return is_under(out) ? out : NULL;
}

static int ends(const char *path, const char *end)
{
	size_t a = strlen(path), b = strlen(end);
	return a >= b && !strcmp(path + a - b, end);
}

static enum kind kind_of(const char *path, int is_sync)
{
	if (ends(path, "/chat.db"))
		return is_sync ? DB_SYNC : DB_WRITE;
	if (ends(path, "/chat.db-wal"))
		return is_sync ? WAL_SYNC : WAL_WRITE;
	/* Each connection of SQLite syncs the folder when it first syncs the log. */
	if (is_sync && !strcmp(path, under))
		return WAL_SYNC;
	if (ends(path, "-shm"))
		return SHM_WRITE;
	return is_sync ? OTHER_SYNC : OTHER_WRITE;
}

/* Counts an operation. Answers the mode of the fault that it meets, or 0; the kill does not come back. */
static int meet(enum kind kind)
{
	if (kind == SHM_WRITE)
		return 0;
	control[OPERATIONS]++;
	if (!control[ARMED] || !(control[KINDS] >> kind & 1))
		return 0;
	int64_t n = ++control[COUNTED];
	if (n < control[AT] || (control[COUNT] && n >= control[AT] + control[COUNT]))
		return 0;
	control[FIRED]++;
	if (control[MODE] == KILL)
		for (;;)
			kill(getpid(), SIGKILL);
	if (control[MODE] == SLOW)
		usleep(control[PARAM] * 1000);
	return control[MODE];
}

static void record(enum record type, int64_t file, int64_t offset, int64_t old_length, int64_t length, const void *bytes,
		   int64_t count)
{
	int64_t head[6] = { type, file, offset, old_length, length, count };
	struct iovec parts[2] = { { head, sizeof head }, { (void *)bytes, count } };
	if (undo < 0 || !control[UNDO])
		return;
	if (real_writev(undo, parts, 2) != (ssize_t)(sizeof head + count))
		die("writing the undo file");
}

static int number(const char *path)
{
	int n;
	for (n = 1; n < files; n++)
		if (!strcmp(paths[n], path))
			return n;
	if (files == FILES)
		die("too many files");
	paths[files] = strdup(path);
	record(R_PATH, files, 0, 0, 0, path, strlen(path));
	return files++;
}

static int file(int fd)
{
	return control && fd >= 0 && fd < FDS ? file_of[fd] : 0;
}

static int64_t size(int fd)
{
	struct stat found;
	return fstat(fd, &found) ? 0 : found.st_size;
}

static void keep_old(enum record type, int n, int fd, int64_t offset, int64_t length)
{
	int64_t before = size(fd), from = offset, count = 0;
	char *bytes = NULL;
	if (undo < 0 || !control[UNDO] || kind_of(paths[n], 0) == SHM_WRITE)
		return;
	int64_t until = type == R_TRUNCATE ? before : offset + length;
	if (until > before)
		until = before;
	if (until > from) {
		/*
		 * Through the descriptor if it can be read, as SQLite's can: closing another descriptor of a file gives up the
		 * locks that the process has on it.
		 */
		int can_read = (fcntl(fd, F_GETFL) & O_ACCMODE) != O_WRONLY;
		int reading = can_read ? fd : real_open(paths[n], O_RDONLY | O_CLOEXEC);
		bytes = malloc(until - from);
		while (reading >= 0 && count < until - from) {
			ssize_t got = pread(reading, bytes + count, until - from - count, from + count);
			if (got <= 0)
				break;
			count += got;
		}
		if (!can_read && reading >= 0)
			real_close(reading);
	}
	record(type, n, offset, before, length, bytes, count);
	free(bytes);
}

/* How many of `length` bytes may be written, or -1 with errno. */
static int64_t allow(int n, int fd, int64_t offset, int64_t length)
{
	switch (meet(kind_of(paths[n], 0))) {
	case FAIL_EIO:
		errno = EIO;
		return -1;
	case FAIL_ENOSPC:
		errno = ENOSPC;
		return -1;
	case SHORT_WRITE:
		if (length > 1)
			length /= 2;
	}
	if (control[FULL]) {
		int64_t before = size(fd), growth = offset + length - before;
		if (growth > 0 && growth > control[ROOM]) {
			length -= growth - control[ROOM];
			if (length <= 0) {
				errno = ENOSPC;
				return -1;
			}
			growth = control[ROOM];
		}
		if (growth > 0)
			control[ROOM] -= growth;
	}
	keep_old(R_WRITE, n, fd, offset, length);
	return length;
}
