#include "beneath.h"
#include "file_tree.h"
#include "random_numbers.h"
#include "sockets.h"
#include "suite_runner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Both ways in, each test over both. */
static const struct way {
    const char *name;
    int (*open)(int root_fd, const char *path);
} ways[] = {{"beneath_open", beneath_open}, {"by component", beneath_open_by_component}};

enum { OPENAT2, BY_COMPONENT, WAYS };

static int root_fd;

static void build_tree(void)
{
    file_tree_create();
    file_tree_folder("outside");
    file_tree_text("outside/secret", "secret");
    file_tree_folder("root2"); /* begins like the root's name */
    file_tree_text("root2/secret", "secret");
    file_tree_folder("root");
    file_tree_text("root/file", "file");
    file_tree_text("root/.hidden", "hidden");
    file_tree_text("root/..name", "dots");
    file_tree_folder("root/sub");
    file_tree_text("root/sub/nested", "nested");
    file_tree_folder("root/sub/deep");
    file_tree_text("root/sub/deep/deeper", "deeper");
    file_tree_link("root/in", "sub/nested");
    file_tree_link("root/in-chain", "in");
    file_tree_link("root/in-folder", "sub");
    file_tree_link("root/sub/up", "../file");
    file_tree_link("root/out", "../outside/secret");
    file_tree_link("root/out-folder", "../outside");
    file_tree_link("root/out-chain", "out-chain2");
    file_tree_link("root/out-chain2", "sub/out");
    file_tree_link("root/sub/out", "../../outside/secret");
    file_tree_link("root/out-and-in", "../root/file");
    file_tree_link("root/absolute", "/etc/passwd");
    file_tree_link("root/absolute-in", file_tree_path("root/file"));
    file_tree_link("root/loop", "loop");
    file_tree_link("root/dangling", "nothing");
    file_tree_fifo("root/fifo");
}

static void open_root(void)
{
    root_fd = open(file_tree_path("root"), O_PATH | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(root_fd, 0);
}

/* A sandbox may lack it; then both ways are the same one. */
static bool have_openat2(void)
{
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC};
    long fd = syscall(SYS_openat2, root_fd, ".", &how, sizeof how);

    close((int)fd);
    return fd >= 0;
}

/* What opening has to give: a content, or -errno. */
struct expectation {
    const char *path;
    const char *content[WAYS]; /* NULL: the error counts */
    int error[WAYS];
};

/* clang-format off */
#define OPENS(path, content) {path, {content, content}, {0, 0}}
#define OPENS_FOLDER(path) {path, {"", ""}, {0, 0}}
/* clang-format on */
#define REFUSED(path, error)                                                                       \
    {                                                                                              \
        path, {NULL, NULL},                                                                        \
        {                                                                                          \
            error, error                                                                           \
        }                                                                                          \
    }
/* Links are followed by the kernel that can see to it that they stay inside, and by no one else. */
#define FOLLOWED(path, content, error)                                                             \
    {                                                                                              \
        path, {content, NULL},                                                                     \
        {                                                                                          \
            0, error                                                                               \
        }                                                                                          \
    }
#define REFUSED_AS(path, error, other_error)                                                       \
    {                                                                                              \
        path, {NULL, NULL},                                                                        \
        {                                                                                          \
            error, other_error                                                                     \
        }                                                                                          \
    }

#define CHARACTERS_51 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define CHARACTERS_255 CHARACTERS_51 CHARACTERS_51 CHARACTERS_51 CHARACTERS_51 CHARACTERS_51

static const struct expectation expectations[] = {
    OPENS("file", "file"),
    OPENS(".hidden", "hidden"),
    OPENS("..name", "dots"),
    OPENS("sub/nested", "nested"),
    OPENS("sub/deep/deeper", "deeper"),
    OPENS("sub//deep///deeper", "deeper"),
    OPENS("./file", "file"),
    OPENS("sub/./nested", "nested"),
    OPENS_FOLDER("."),
    OPENS_FOLDER("sub"),
    OPENS_FOLDER("sub/"),
    OPENS_FOLDER("sub/deep/"),
    OPENS_FOLDER("fifo"), /* without waiting for a writer */

    REFUSED("nothing", ENOENT),
    REFUSED("sub/nothing", ENOENT),
    REFUSED("nothing/file", ENOENT),
    REFUSED("", ENOENT),
    REFUSED("file/", ENOTDIR),
    REFUSED("file/more", ENOTDIR),
    REFUSED("sub/nested/", ENOTDIR),
    REFUSED("fifo/", ENOTDIR),
    REFUSED(CHARACTERS_255, ENOENT),
    REFUSED(CHARACTERS_255 "a", ENAMETOOLONG),
    REFUSED("sub/" CHARACTERS_255 "a/file", ENAMETOOLONG),

    REFUSED("..", EXDEV),
    REFUSED("../", EXDEV),
    REFUSED("../outside/secret", EXDEV),
    REFUSED("../root2/secret", EXDEV),
    REFUSED("../root/file", EXDEV),
    REFUSED("sub/../../outside/secret", EXDEV),
    REFUSED("sub/deep/../../../outside/secret", EXDEV),
    REFUSED("./../outside/secret", EXDEV),
    REFUSED("/", EXDEV),
    REFUSED("/etc/passwd", EXDEV),
    REFUSED("//etc/passwd", EXDEV),
    FOLLOWED("sub/../file", "file", EXDEV),

    FOLLOWED("in", "nested", ELOOP),
    FOLLOWED("in-chain", "nested", ELOOP),
    FOLLOWED("in-folder", "", ELOOP),
    FOLLOWED("in-folder/", "", ENOTDIR),
    FOLLOWED("in-folder/nested", "nested", ENOTDIR),
    FOLLOWED("sub/up", "file", ELOOP),
    REFUSED_AS("out", EXDEV, ELOOP),
    REFUSED_AS("out-folder", EXDEV, ELOOP),
    REFUSED_AS("out-folder/", EXDEV, ENOTDIR),
    REFUSED_AS("out-folder/secret", EXDEV, ENOTDIR),
    REFUSED_AS("out-chain", EXDEV, ELOOP),
    REFUSED_AS("in-folder/out", EXDEV, ENOTDIR),
    REFUSED_AS("out-and-in", EXDEV, ELOOP),
    REFUSED_AS("absolute", EXDEV, ELOOP),
    REFUSED_AS("absolute-in", EXDEV, ELOOP),
    REFUSED("loop", ELOOP),
    REFUSED_AS("dangling", ENOENT, ELOOP),
};

enum { EXPECTATIONS = sizeof expectations / sizeof expectations[0] };

static void read_text(int fd, char *ret, size_t capacity)
{
    ssize_t n = read(fd, ret, capacity - 1);

    ret[n > 0 ? n : 0] = '\0'; /* folders give EISDIR */
}

static void check_expectation(const struct expectation *expected, int way)
{
    int column = have_openat2() ? way : BY_COMPONENT;
    const char *content = expected->content[column];
    char text[64];
    int fd = ways[way].open(root_fd, expected->path);

    if (content == NULL) {
        ck_assert_msg(fd == -expected->error[column], "%s, '%s': expected %s, got %s",
                      ways[way].name, expected->path, strerror(expected->error[column]),
                      fd < 0 ? strerror(-fd) : "a descriptor");
        return;
    }
    ck_assert_msg(fd >= 0, "%s, '%s': expected a descriptor, got %s", ways[way].name,
                  expected->path, strerror(-fd));
    read_text(fd, text, sizeof text);
    ck_assert_msg(strcmp(text, content) == 0, "%s, '%s': expected the content '%s', got '%s'",
                  ways[way].name, expected->path, content, text);
    close(fd);
}

START_TEST(what_is_inside_opens_and_what_leads_out_does_not)
{
    check_expectation(&expectations[_i / WAYS], _i % WAYS);
}
END_TEST

/* /proc/self has magic links: following one leaves the folder without any path that says so. */
START_TEST(magic_links_are_not_followed)
{
    static const char *const paths[] = {"exe", "root", "root/etc/passwd", "cwd", "cwd/.", "fd/0"};
    int proc_fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        int fd = ways[_i].open(proc_fd, paths[i]);
        ck_assert_msg(fd == -ELOOP || fd == -EXDEV || fd == -ENOTDIR,
                      "%s, '%s' below /proc/self: expected a refusal, got %d", ways[_i].name,
                      paths[i], fd);
    }
    close(proc_fd);
}
END_TEST

START_TEST(a_descriptor_is_for_reading_and_closes_on_exec)
{
    int fd = ways[_i].open(root_fd, "file");

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    int flags = fcntl(fd, F_GETFL);
    ck_assert_int_eq(flags & O_ACCMODE, O_RDONLY);
    ck_assert_int_eq(flags & O_NONBLOCK, O_NONBLOCK);
    ck_assert_int_eq(flags & O_PATH, 0);
    close(fd);
}
END_TEST

START_TEST(no_descriptor_is_left_behind)
{
    int before = open_descriptors();

    for (int i = 0; i < EXPECTATIONS; i++) {
        int fd = ways[_i].open(root_fd, expectations[i].path);
        if (fd >= 0) {
            close(fd);
        }
    }
    ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

START_TEST(without_a_free_descriptor_it_is_emfile)
{
    unsigned long limit = exhaust_descriptors();
    int fd = ways[_i].open(root_fd, "file");

    restore_descriptors(limit);
    ck_assert_int_eq(fd, -EMFILE);
}
END_TEST

static void random_path(struct random_numbers *numbers, char *ret)
{
    static const char *const names[] = {
        "..",       ".",         "",     "sub",        "deep",        "file",
        "nested",   "deeper",    "in",   "in-folder",  "out",         "out-folder",
        "absolute", "out-chain", "up",   "out-and-in", "absolute-in", "outside",
        "root",     "secret",    "loop",
    };
    size_t count = 1 + random_below(numbers, 6);
    char *end = ret;

    for (size_t i = 0; i < count; i++) {
        end = stpcpy(end, i > 0 ? "/" : "");
        end = stpcpy(end, names[random_below(numbers, sizeof names / sizeof names[0])]);
    }
}

/* Where the kernel says the descriptor leads. */
static void check_below_root(int fd, const char *path, const char *way)
{
    char link[64];
    char real[PATH_MAX];
    const char *root = file_tree_path("root");

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, real, sizeof real - 1);
    ck_assert_int_gt((int)n, 0);
    real[n] = '\0';
    size_t length = strlen(root);
    ck_assert_msg(strncmp(real, root, length) == 0 && (real[length] == '/' || real[length] == '\0'),
                  "%s, '%s': expected a file below %s, got %s", way, path, root, real);
}

START_TEST(no_random_path_leads_out_and_the_fallback_is_never_looser)
{
    struct random_numbers numbers = random_numbers_from(42);
    int opened[WAYS] = {0};

    for (int i = 0; i < 20000; i++) {
        char path[256];
        struct stat info[WAYS];
        int fds[WAYS];
        random_path(&numbers, path);
        for (int way = 0; way < WAYS; way++) {
            fds[way] = ways[way].open(root_fd, path);
            if (fds[way] >= 0) {
                opened[way]++;
                check_below_root(fds[way], path, ways[way].name);
                ck_assert_int_eq(fstat(fds[way], &info[way]), 0);
            }
        }
        if (fds[BY_COMPONENT] >= 0) {
            ck_assert_msg(fds[OPENAT2] >= 0, "'%s': only the fallback opens it", path);
            ck_assert_msg(info[OPENAT2].st_ino == info[BY_COMPONENT].st_ino,
                          "'%s': the two ways open different files", path);
            close(fds[BY_COMPONENT]);
        }
        if (fds[OPENAT2] >= 0) {
            close(fds[OPENAT2]);
        }
    }
    ck_assert_msg(opened[OPENAT2] > 100 && opened[BY_COMPONENT] > 100,
                  "too few paths opened: %d and %d", opened[OPENAT2], opened[BY_COMPONENT]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("beneath");
    TCase *paths = tcase_create("paths");

    tcase_add_unchecked_fixture(paths, build_tree, file_tree_remove);
    tcase_add_checked_fixture(paths, open_root, NULL);
    tcase_add_loop_test(paths, what_is_inside_opens_and_what_leads_out_does_not, 0,
                        EXPECTATIONS * WAYS);
    tcase_add_loop_test(paths, magic_links_are_not_followed, 0, WAYS);
    tcase_add_loop_test(paths, a_descriptor_is_for_reading_and_closes_on_exec, 0, WAYS);
    tcase_add_loop_test(paths, no_descriptor_is_left_behind, 0, WAYS);
    tcase_add_loop_test(paths, without_a_free_descriptor_it_is_emfile, 0, WAYS);
    tcase_add_test(paths, no_random_path_leads_out_and_the_fallback_is_never_looser);
    suite_add_tcase(suite, paths);
    return run_suite(suite);
}
