/*
 * The path of a target: http_path_decode decodes once and refuses what may mean another place, as a
 * simple decoder does; and no path, decoded or raw, opens a file outside of the root.
 */
#include "beneath.h"
#include "canary_tree.h"
#include "fuzz.h"
#include "http_path.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_hex(const char *bytes)
{
    return strspn(bytes, "0123456789abcdefABCDEF") >= 2;
}

/* One byte of a path, from one or three. Returns how many those were, 0 if they are none. */
static size_t decode_one(const char *bytes, size_t length, unsigned char *ret)
{
    char text[3] = {0};

    if (*bytes != '%') {
        *ret = (unsigned char)*bytes;
        return 1;
    }
    if (length < 3) {
        return 0;
    }
    memcpy(text, bytes + 1, 2);
    if (!is_hex(text)) {
        return 0;
    }
    *ret = (unsigned char)strtoul(text, NULL, 16);
    return *ret == '/' ? 0 : 3;
}

/* Whether "/./" or "/../" is in the path, were there a slash behind it. */
static bool has_dots(const char *path)
{
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        size_t length = strcspn(slash + 1, "/");
        if (strncmp(slash + 1, "..", length) == 0 && (length == 1 || length == 2)) {
            return true;
        }
    }
    return false;
}

/* `ret` has room for length + 2 bytes. Returns whether the path may be served. */
static bool decode_simply(const char *bytes, size_t length, char *ret)
{
    size_t out = 0;

    for (size_t i = 0; i < length;) {
        unsigned char c;
        size_t n = decode_one(bytes + i, length - i, &c);
        if (n == 0 || c < ' ' || c == 127 || c == '\\') {
            return false;
        }
        ret[out++] = (char)c;
        i += n;
    }
    ret[out] = '\0';
    if (length == 0) {
        strcpy(ret, "/");
    }
    return !has_dots(ret);
}

static void check_inside(int fd, const char *how)
{
    fuzz_require(fd < 0 || canary_tree_has(fd), "%s has opened a file outside of the root", how);
}

static bool same_file(int a, int b)
{
    struct stat info_a;
    struct stat info_b;

    return fstat(a, &info_a) == 0 && fstat(b, &info_b) == 0 && info_a.st_dev == info_b.st_dev &&
           info_a.st_ino == info_b.st_ino;
}

static void close_if_open(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

/* Without openat2 the two are the same one, and the comparison is idle. */
static void try_to_open(const char *path)
{
    int root = canary_tree_root();
    int by_kernel = beneath_open(root, path);
    int by_component = beneath_open_by_component(root, path);

    check_inside(by_kernel, "beneath_open");
    check_inside(by_component, "beneath_open_by_component");
    fuzz_require(by_component < 0 || (by_kernel >= 0 && same_file(by_kernel, by_component)),
                 "the walk by component opens what openat2 does not");
    close_if_open(by_kernel);
    close_if_open(by_component);
}

/* As static_files does: relative to the root. */
static void try_to_serve(const char *path)
{
    while (*path == '/') {
        path++;
    }
    try_to_open(*path != '\0' ? path : ".");
}

static void try_to_decode(const char *bytes, size_t length)
{
    struct buffer path = {0};
    char *simple = malloc(length + 2);
    char *copy = fuzz_copy(bytes, length);

    fuzz_require(simple != NULL, "no memory");
    int status = http_path_decode((struct http_span){copy, length}, &path);
    bool expected = decode_simply(bytes, length, simple);
    fuzz_require(status == 0 || status == 400, "status %d", status);
    fuzz_require((status == 0) == expected, "status %d; decoded simply it is %s", status,
                 expected ? "good" : "bad");
    if (status == 0) {
        fuzz_require(strlen(buffer_data(&path)) == path.length, "a NUL before the end");
        fuzz_require(strcmp(buffer_data(&path), simple) == 0, "%s; decoded simply it is %s",
                     buffer_data(&path), simple);
        try_to_serve(buffer_data(&path));
    }
    buffer_release(&path);
    free(simple);
    free(copy);
}

/* What nobody has decoded or checked must not lead out either. */
static void try_raw(const char *bytes, size_t length)
{
    char *path = strndup(bytes, length);

    fuzz_require(path != NULL, "no memory");
    try_to_open(path);
    free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const char *path = (const char *)bytes;

    /* So the parser hands it over. */
    if (length == 0 || *path == '/') {
        try_to_decode(path, length);
    }
    try_raw(path, length);
    return 0;
}
