/* Makes calls of the system fail, whoever makes them: loaded before all other libraries, it stands in front of libc.

   What happens is asked for in the environment:

     FAULT_FOLDERS  folders, with colons between them; a call fails that is about a file below one
     FAULT_CALLS    what fails, with commas between: create, read, write, map, mkdir, rename
     FAULT_ERRNO    the number of the error
     FAULT_AFTER    how many of these calls pass before that, 0 if it is not set

   cc -shared -fPIC -o faults.so faults.c -ldl */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(type, name, ...) ((type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

static int passed;

static int below(const char *path) {
    const char *folders = getenv("FAULT_FOLDERS");
    char whole[PATH_MAX];
    if (!folders || !path) return 0;
    if (path[0] != '/') {
        if (!getcwd(whole, sizeof whole / 2)) return 0;
        strncat(whole, "/", 2);
        strncat(whole, path, sizeof whole / 2 - 2);
        path = whole;
    }
    while (*folders) {
        size_t size = strcspn(folders, ":");
        if (size && !strncmp(path, folders, size) && (path[size] == '/' || !path[size])) return 1;
        folders += size + (folders[size] == ':');
    }
    return 0;
}

static int fails(const char *call, const char *path) {
    const char *calls = getenv("FAULT_CALLS"), *after = getenv("FAULT_AFTER"), *number = getenv("FAULT_ERRNO");
    const char *at = calls ? strstr(calls, call) : NULL;
    if (!at || !number || !below(path) || passed++ < (after ? atoi(after) : 0)) return 0;
    errno = atoi(number);
    return 1;
}

static int fails_of(const char *call, int file) {
    char name[64], path[PATH_MAX];
    if (!getenv("FAULT_FOLDERS") || file < 0) return 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    ssize_t size = readlink(name, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return fails(call, path);
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    } \
    if (((flags) & (O_CREAT | O_WRONLY | O_RDWR)) && fails("create", path)) return -1;

int open(const char *path, int flags, ...) {
    MODE(flags)
    return REAL(int, open, const char *, int, ...)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    MODE(flags)
    return REAL(int, open64, const char *, int, ...)(path, flags, mode);
}
int openat(int folder, const char *path, int flags, ...) {
    MODE(flags)
    return REAL(int, openat, int, const char *, int, ...)(folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
    MODE(flags)
    return REAL(int, openat64, int, const char *, int, ...)(folder, path, flags, mode);
}
FILE *fopen(const char *path, const char *mode) {
    if (strpbrk(mode, "wa+") && fails("create", path)) return NULL;
    return REAL(FILE *, fopen, const char *, const char *)(path, mode);
}
FILE *fopen64(const char *path, const char *mode) {
    if (strpbrk(mode, "wa+") && fails("create", path)) return NULL;
    return REAL(FILE *, fopen64, const char *, const char *)(path, mode);
}
ssize_t read(int file, void *data, size_t size) {
    return fails_of("read", file) ? -1 : REAL(ssize_t, read, int, void *, size_t)(file, data, size);
}
ssize_t pread(int file, void *data, size_t size, off_t at) {
    return fails_of("read", file) ? -1 : REAL(ssize_t, pread, int, void *, size_t, off_t)(file, data, size, at);
}
ssize_t pread64(int file, void *data, size_t size, off_t at) {
    return fails_of("read", file) ? -1 : REAL(ssize_t, pread64, int, void *, size_t, off_t)(file, data, size, at);
}
ssize_t write(int file, const void *data, size_t size) {
    return fails_of("write", file) ? -1 : REAL(ssize_t, write, int, const void *, size_t)(file, data, size);
}
ssize_t pwrite(int file, const void *data, size_t size, off_t at) {
    return fails_of("write", file) ? -1 : REAL(ssize_t, pwrite, int, const void *, size_t, off_t)(file, data, size, at);
}
ssize_t pwrite64(int file, const void *data, size_t size, off_t at) {
    return fails_of("write", file) ? -1
                                   : REAL(ssize_t, pwrite64, int, const void *, size_t, off_t)(file, data, size, at);
}
ssize_t writev(int file, const struct iovec *data, int count) {
    return fails_of("write", file) ? -1 : REAL(ssize_t, writev, int, const struct iovec *, int)(file, data, count);
}
int ftruncate(int file, off_t size) {
    return fails_of("write", file) ? -1 : REAL(int, ftruncate, int, off_t)(file, size);
}
int ftruncate64(int file, off_t size) {
    return fails_of("write", file) ? -1 : REAL(int, ftruncate64, int, off_t)(file, size);
}
void *mmap(void *place, size_t size, int rights, int flags, int file, off_t at) {
    if (fails_of("map", file)) return MAP_FAILED;
    return REAL(void *, mmap, void *, size_t, int, int, int, off_t)(place, size, rights, flags, file, at);
}
void *mmap64(void *place, size_t size, int rights, int flags, int file, off_t at) {
    if (fails_of("map", file)) return MAP_FAILED;
    return REAL(void *, mmap64, void *, size_t, int, int, int, off_t)(place, size, rights, flags, file, at);
}
int mkdir(const char *path, mode_t mode) {
    return fails("mkdir", path) ? -1 : REAL(int, mkdir, const char *, mode_t)(path, mode);
}
int rename(const char *from, const char *to) {
    return fails("rename", to) ? -1 : REAL(int, rename, const char *, const char *)(from, to);
}
