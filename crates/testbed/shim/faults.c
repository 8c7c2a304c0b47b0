/*
 * The calls of libc that the server makes, each with the faults that core.h decides on. Compiled as one file with it.
 */
#include "core.h"

static int opened(int fd, const char *path, int is_new)
{
	if (fd >= 0 && fd < FDS) {
		file_of[fd] = number(path);
		if (is_new)
			record(R_CREATE, file_of[fd], 0, 0, 0, NULL, 0);
	}
	return fd;
}

static int open_at(int at, const char *path, int flags, mode_t mode)
{
	char room[PATH_MAX];
	struct stat found;
	begin();
	const char *ours = whole(at, path, room);
	if (!ours) {
		if (path[0] == '/' || at == AT_FDCWD)
			return real_open(path, flags, mode);
		int (*openat_of_libc)(int, const char *, int, ...) = find("openat64");
		return openat_of_libc(at, path, flags, mode);
	}
	pthread_mutex_lock(&lock);
	int is_new = flags & O_CREAT && stat(ours, &found), fd = -1;
	int fault = is_new ? meet(ends(ours, "-shm") ? SHM_WRITE : NAME) : 0;
	if (fault == FAIL_EIO)
		errno = EIO;
	else if (fault == FAIL_ENOSPC)
		errno = ENOSPC;
	else {
		/* An empty file needs no room, as on ext4; a folder does. */
		if (flags & O_TRUNC && !is_new) {
			int n = number(ours), old = real_open(ours, O_RDWR | O_CLOEXEC);
			if (old >= 0) {
				keep_old(R_TRUNCATE, n, old, 0, 0);
				real_close(old);
			}
		}
		fd = opened(real_open(ours, flags, mode), ours, is_new);
	}
	pthread_mutex_unlock(&lock);
	return fd;
}

#define MODE_OF(flags, mode)                                                                                                     \
	mode_t mode = 0;                                                                                                         \
	if (flags & (O_CREAT | O_TMPFILE)) {                                                                                     \
		va_list more;                                                                                                    \
		va_start(more, flags);                                                                                           \
		mode = va_arg(more, mode_t);                                                                                     \
		va_end(more);                                                                                                    \
	}

int open(const char *path, int flags, ...)
{
	MODE_OF(flags, mode)
	return open_at(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	MODE_OF(flags, mode)
	return open_at(AT_FDCWD, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...)
{
	MODE_OF(flags, mode)
	return open_at(at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...)
{
	MODE_OF(flags, mode)
	return open_at(at, path, flags, mode);
}

int creat(const char *path, mode_t mode)
{
	return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int creat64(const char *path, mode_t mode)
{
	return creat(path, mode);
}

int close(int fd)
{
	begin();
	if (fd >= 0 && fd < FDS)
		file_of[fd] = 0;
	return real_close(fd);
}

static int64_t position(int fd)
{
	return fcntl(fd, F_GETFL) & O_APPEND ? size(fd) : lseek(fd, 0, SEEK_CUR);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
	begin();
	int n = file(fd);
	if (!n)
		return real_write(fd, bytes, length);
	pthread_mutex_lock(&lock);
	int64_t allowed = allow(n, fd, position(fd), length);
	ssize_t done = allowed < 0 ? -1 : real_write(fd, bytes, allowed);
	pthread_mutex_unlock(&lock);
	return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
	begin();
	int n = file(fd);
	if (!n)
		return real_pwrite(fd, bytes, length, offset);
	pthread_mutex_lock(&lock);
	int64_t allowed = allow(n, fd, offset, length);
	ssize_t done = allowed < 0 ? -1 : real_pwrite(fd, bytes, allowed, offset);
	pthread_mutex_unlock(&lock);
	return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
	return pwrite64(fd, bytes, length, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	begin();
	/* Short writes are allowed, so the first part will do. */
	if (!file(fd) || count < 1)
		return real_writev(fd, parts, count);
	return write(fd, parts[0].iov_base, parts[0].iov_len);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset)
{
	return count < 1 ? 0 : pwrite64(fd, parts[0].iov_base, parts[0].iov_len, offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
	return pwritev64(fd, parts, count, offset);
}

int ftruncate64(int fd, off64_t length)
{
	begin();
	int n = file(fd), done = -1;
	if (!n)
		return real_ftruncate(fd, length);
	pthread_mutex_lock(&lock);
	int fault = meet(kind_of(paths[n], 0));
	if (fault == FAIL_EIO || fault == FAIL_ENOSPC)
		errno = fault == FAIL_EIO ? EIO : ENOSPC;
	else {
		int64_t before = size(fd);
		keep_old(R_TRUNCATE, n, fd, length, 0);
		done = real_ftruncate(fd, length);
		/* A file that is made longer so has holes, which need no room. */
		if (!done && control[FULL] && before > length)
			control[ROOM] += before - length;
	}
	pthread_mutex_unlock(&lock);
	return done;
}

int ftruncate(int fd, off_t length)
{
	return ftruncate64(fd, length);
}

static int sync_with(int (*real)(int), int fd)
{
	begin();
	int n = file(fd), done;
	if (!n)
		return real(fd);
	pthread_mutex_lock(&lock);
	int fault = meet(kind_of(paths[n], 1));
	if (fault == FAIL_EIO || fault == FAIL_ENOSPC) {
		/* As on Linux, what a failed sync did not write is not written by the next one either. */
		record(R_SYNC_FAILED, n, 0, 0, 0, NULL, 0);
		errno = fault == FAIL_EIO ? EIO : ENOSPC;
		done = -1;
	} else {
		if (!control[LYING])
			record(R_SYNC, n, 0, 0, 0, NULL, 0);
		/* The machine stays up, so the page cache is durable enough. */
		done = 0;
	}
	pthread_mutex_unlock(&lock);
	return done;
}

int fsync(int fd)
{
	return sync_with(real_fsync, fd);
}

int fdatasync(int fd)
{
	return sync_with(real_fdatasync, fd);
}

int sync_file_range(int fd, off64_t offset, off64_t length, unsigned flags)
{
	(void)offset, (void)length, (void)flags;
	return sync_with(real_fdatasync, fd);
}

/* Counts an operation on a name; the lock is held if it may go on. */
static int may_name(int needs_room)
{
	pthread_mutex_lock(&lock);
	int fault = meet(NAME);
	if (fault == FAIL_EIO)
		errno = EIO;
	else if (fault == FAIL_ENOSPC || (needs_room && control[FULL] && control[ROOM] <= 0))
		errno = ENOSPC;
	else
		return 1;
	pthread_mutex_unlock(&lock);
	return 0;
}

/* Two paths in one record, apart by a zero byte. */
static void record_names(enum record type, const char *from, const char *to)
{
	char both[2 * PATH_MAX];
	int count = snprintf(both, sizeof both, "%s%c%s", from, 0, to);
	record(type, 0, 0, 0, 0, both, count);
}

int rename(const char *from, const char *to)
{
	char a[PATH_MAX], b[PATH_MAX];
	begin();
	const char *old = whole(AT_FDCWD, from, a), *new = whole(AT_FDCWD, to, b);
	if (!old || !new)
		return real_rename(from, to);
	if (!may_name(0))
		return -1;
	int done = real_rename(old, new);
	if (!done)
		record_names(R_RENAME, old, new);
	pthread_mutex_unlock(&lock);
	return done;
}

int renameat(int at, const char *from, int to_at, const char *to)
{
	char a[PATH_MAX], b[PATH_MAX];
	begin();
	const char *old = whole(at, from, a), *new = whole(to_at, to, b);
	return rename(old ? old : from, new ? new : to);
}

int renameat2(int at, const char *from, int to_at, const char *to, unsigned flags)
{
	(void)flags;
	return renameat(at, from, to_at, to);
}

int linkat(int at, const char *from, int to_at, const char *to, int flags)
{
	char room[PATH_MAX];
	begin();
	const char *new = whole(to_at, to, room);
	if (!new)
		return real_linkat(at, from, to_at, to, flags);
	if (!may_name(0))
		return -1;
	int done = real_linkat(at, from, AT_FDCWD, new, flags);
	if (!done)
		record_names(R_LINK, new, "");
	pthread_mutex_unlock(&lock);
	return done;
}

int link(const char *from, const char *to)
{
	return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlinkat(int at, const char *path, int flags)
{
	char room[PATH_MAX];
	struct stat found = { 0 };
	begin();
	const char *ours = whole(at, path, room);
	if (!ours)
		return real_unlinkat(at, path, flags);
	if (!may_name(0))
		return -1;
	stat(ours, &found);
	int done = real_unlinkat(AT_FDCWD, ours, flags);
	if (!done) {
		record_names(R_UNLINK, ours, "");
		if (control[FULL] && found.st_nlink == 1 && S_ISREG(found.st_mode))
			control[ROOM] += found.st_size;
	}
	pthread_mutex_unlock(&lock);
	return done;
}

int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int mkdirat(int at, const char *path, mode_t mode)
{
	char room[PATH_MAX];
	struct stat found;
	begin();
	const char *ours = whole(at, path, room);
	if (!ours)
		return real_mkdirat(at, path, mode);
	/* That it exists is noticed before there is no room for it. */
	if (!stat(ours, &found))
		return real_mkdirat(AT_FDCWD, ours, mode);
	if (!may_name(1))
		return -1;
	int done = real_mkdirat(AT_FDCWD, ours, mode);
	if (!done)
		record_names(R_MKDIR, ours, "");
	pthread_mutex_unlock(&lock);
	return done;
}

int mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}
