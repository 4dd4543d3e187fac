#include "allocation_faults.h"
#include "file_cache.h"
#include "file_tree.h"
#include "http_loop.h"
#include "server_fixture.h"
#include "sockets.h"
#include "suite_runner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int root_fd;
static struct file_cache *cache;

static void build_tree(void)
{
    file_tree_create();
    file_tree_text("secret", "secret");
    file_tree_folder("root");
    file_tree_folder("root/folder");
    file_tree_text("root/kept.txt", "kept");
}

static void open_cache(void)
{
    const struct server_fixture_config config = SERVER_FIXTURE_DEFAULT;

    file_tree_text("root/a.txt", "first");
    server_open(&config);
    root_fd = open(file_tree_path("root"), O_PATH | O_DIRECTORY);
    ck_assert_int_ge(root_fd, 0);
    cache = file_cache_create(server_reactor());
    ck_assert_ptr_nonnull(cache);
}

/* The server's end fails if a descriptor is left. */
static void close_cache(void)
{
    file_cache_destroy(cache);
    close(root_fd);
    server_close();
}

static struct open_file *open_it(const char *path)
{
    struct open_file *file = NULL;

    int result = file_cache_open(cache, root_fd, path, &file);
    ck_assert_msg(result == 0, "%s: %s", path, strerror(-result));
    ck_assert_str_eq(file->path, path);
    return file;
}

/* Whoever asks now finds the file open already. */
static void expect_kept(const char *path)
{
    int before = open_descriptors();
    struct open_file *file = open_it(path);

    ck_assert_msg(open_descriptors() == before, "%s was opened again", path);
    open_file_unref(file);
}

static void expect_content(const char *path, const char *expected)
{
    char text[100] = "";
    struct open_file *file = open_it(path);
    ssize_t length = pread(file->fd, text, sizeof text - 1, 0);

    ck_assert_int_eq(length, file->info.st_size);
    ck_assert_str_eq(text, expected);
    open_file_unref(file);
}

/* Moves the hand of the loop's timers: as if what is kept had been kept for long enough. */
static void time_passes(void)
{
    struct http_loop *loop = server_reactor()->hook_state;
    uint64_t clock = http_loop_now() / TIMER_WHEEL_TICK_MS;
    uint64_t tick = loop->wheel.tick > clock ? loop->wheel.tick : clock;

    timer_wheel_advance(&loop->wheel, (tick + 1) * TIMER_WHEEL_TICK_MS + FILE_CACHE_MS);
}

static size_t timers(void)
{
    const struct http_loop *loop = server_reactor()->hook_state;

    return loop->wheel.count;
}

START_TEST(a_file_is_opened_once_and_says_the_same_each_time)
{
    int before = open_descriptors();
    struct open_file *first = open_it("a.txt");
    struct open_file *second = open_it("a.txt");

    ck_assert_ptr_eq(first, second);
    ck_assert_int_eq(open_descriptors(), before + 1);
    ck_assert_int_eq(first->info.st_size, 5);
    ck_assert_str_eq(first->type, "text/plain; charset=utf-8");
    open_file_unref(first);
    open_file_unref(second);
    expect_kept("a.txt");
}
END_TEST

START_TEST(a_file_that_took_the_name_is_served_though_it_looks_alike)
{
    struct stat old;

    expect_content("a.txt", "first");
    ck_assert_int_eq(stat(file_tree_path("root/a.txt"), &old), 0);
    file_tree_text("root/new", "other");
    const struct timespec times[] = {old.st_atim, old.st_mtim};
    ck_assert_int_eq(utimensat(AT_FDCWD, file_tree_path("root/new"), times, 0), 0);
    ck_assert_int_eq(renameat(root_fd, "new", root_fd, "a.txt"), 0);
    expect_content("a.txt", "other");
    expect_kept("a.txt");
}
END_TEST

START_TEST(a_file_that_was_written_to_has_another_tag_and_date)
{
    const struct timespec times[] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    struct open_file *old = open_it("a.txt");

    ck_assert_int_eq(utimensat(AT_FDCWD, file_tree_path("root/a.txt"), times, 0), 0);
    struct open_file *new = open_it("a.txt");
    ck_assert_ptr_ne(old, new);
    ck_assert_str_ne(old->tag, new->tag);
    ck_assert_ptr_nonnull(strstr(new->lines, "Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT\r\n"));
    open_file_unref(old);
    open_file_unref(new);
}
END_TEST

/*
 * Only the ctime tells that somebody may read it no more. It comes from a clock that ticks every
 * few milliseconds; so the mode is changed until it has ticked.
 */
START_TEST(a_file_whose_mode_was_changed_is_opened_anew)
{
    struct open_file *old = open_it("a.txt");
    struct stat now = old->info;

    while (now.st_ctim.tv_sec == old->info.st_ctim.tv_sec &&
           now.st_ctim.tv_nsec == old->info.st_ctim.tv_nsec) {
        ck_assert_int_eq(chmod(file_tree_path("root/a.txt"), 0600), 0);
        ck_assert_int_eq(stat(file_tree_path("root/a.txt"), &now), 0);
    }
    struct open_file *new = open_it("a.txt");
    ck_assert_ptr_ne(old, new);
    ck_assert_str_eq(old->tag, new->tag);
    open_file_unref(old);
    open_file_unref(new);
}
END_TEST

START_TEST(a_file_that_is_gone_is_gone_at_once_and_closed)
{
    struct open_file *file;
    int before = open_descriptors();

    expect_content("a.txt", "first");
    ck_assert_int_eq(unlink(file_tree_path("root/a.txt")), 0);
    ck_assert_int_eq(file_cache_open(cache, root_fd, "a.txt", &file), -ENOENT);
    ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

START_TEST(a_name_that_now_leads_out_of_the_root_leads_nowhere)
{
    struct open_file *file;

    expect_content("a.txt", "first");
    ck_assert_int_eq(unlink(file_tree_path("root/a.txt")), 0);
    file_tree_link("root/a.txt", "../secret");
    ck_assert_int_eq(file_cache_open(cache, root_fd, "a.txt", &file), -EXDEV);
    ck_assert_int_eq(unlink(file_tree_path("root/a.txt")), 0);
}
END_TEST

START_TEST(a_folder_is_not_kept)
{
    int before = open_descriptors();
    struct open_file *folder = open_it("folder");

    ck_assert(S_ISDIR(folder->info.st_mode));
    open_file_unref(folder);
    ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

/* One more than there are places: two of them meet, and the later one stays. */
START_TEST(who_comes_later_takes_the_place)
{
    enum { MANY = FILE_CACHE_SLOTS + 1 };
    int before = open_descriptors();
    char name[32];

    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "root/%d.txt", i);
        file_tree_text(name, name);
        expect_content(name + 5, name);
        expect_kept(name + 5);
    }
    int kept = open_descriptors() - before;
    ck_assert_msg(kept > FILE_CACHE_SLOTS / 4 && kept <= FILE_CACHE_SLOTS, "%d are kept", kept);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "root/%d.txt", i);
        expect_content(name + 5, name);
    }
}
END_TEST

START_TEST(an_answer_keeps_its_file_when_the_cache_does_not)
{
    char text[6] = "";
    struct open_file *file = open_it("a.txt");

    ck_assert_uint_eq(timers(), 1);
    file_cache_destroy(cache);
    cache = NULL;
    ck_assert_uint_eq(timers(), 0);
    ck_assert_int_eq(pread(file->fd, text, 5, 0), 5);
    ck_assert_str_eq(text, "first");
    open_file_unref(file);
}
END_TEST

START_TEST(after_a_second_everything_is_closed_and_it_begins_again)
{
    int before = open_descriptors();

    for (int i = 0; i < 2; i++) {
        expect_content("a.txt", "first");
        expect_content("kept.txt", "kept");
        ck_assert_int_eq(open_descriptors(), before + 2);
        ck_assert_uint_eq(timers(), 1);
        time_passes();
        ck_assert_int_eq(open_descriptors(), before);
        ck_assert_msg(timers() == 0, "an empty cache keeps the loop awake");
    }
}
END_TEST

START_TEST(without_descriptors_the_cache_gives_up_its_own)
{
    struct open_file *file = NULL;

    expect_content("kept.txt", "kept");
    unsigned long limit = exhaust_descriptors();
    int result = file_cache_open(cache, root_fd, "a.txt", &file);
    restore_descriptors(limit);
    ck_assert_int_eq(result, 0);
    open_file_unref(file);
}
END_TEST

START_TEST(without_memory_a_file_is_not_opened_and_nothing_is_lost)
{
    struct open_file *file;
    int before = open_descriptors();

    allocations_fail_after(0);
    int result = file_cache_open(cache, root_fd, "a.txt", &file);
    allocations_succeed();
    ck_assert_int_eq(result, -ENOMEM);
    ck_assert_int_eq(open_descriptors(), before);
    expect_content("a.txt", "first");
}
END_TEST

START_TEST(without_a_cache_files_are_opened_each_time)
{
    int before = open_descriptors();

    file_cache_destroy(cache);
    cache = NULL;
    expect_content("a.txt", "first");
    ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("file_cache");

    TCase *keeping = tcase_create("keeping");
    tcase_add_unchecked_fixture(keeping, build_tree, file_tree_remove);
    tcase_add_checked_fixture(keeping, open_cache, close_cache);
    tcase_add_test(keeping, a_file_is_opened_once_and_says_the_same_each_time);
    tcase_add_test(keeping, a_folder_is_not_kept);
    tcase_add_test(keeping, who_comes_later_takes_the_place);
    tcase_add_test(keeping, an_answer_keeps_its_file_when_the_cache_does_not);
    tcase_add_test(keeping, after_a_second_everything_is_closed_and_it_begins_again);
    suite_add_tcase(suite, keeping);

    TCase *changes = tcase_create("changes");
    tcase_add_unchecked_fixture(changes, build_tree, file_tree_remove);
    tcase_add_checked_fixture(changes, open_cache, close_cache);
    tcase_add_test(changes, a_file_that_took_the_name_is_served_though_it_looks_alike);
    tcase_add_test(changes, a_file_that_was_written_to_has_another_tag_and_date);
    tcase_add_test(changes, a_file_whose_mode_was_changed_is_opened_anew);
    tcase_add_test(changes, a_file_that_is_gone_is_gone_at_once_and_closed);
    tcase_add_test(changes, a_name_that_now_leads_out_of_the_root_leads_nowhere);
    suite_add_tcase(suite, changes);

    TCase *shortage = tcase_create("shortage");
    tcase_add_unchecked_fixture(shortage, build_tree, file_tree_remove);
    tcase_add_checked_fixture(shortage, open_cache, close_cache);
    tcase_add_test(shortage, without_descriptors_the_cache_gives_up_its_own);
    tcase_add_test(shortage, without_memory_a_file_is_not_opened_and_nothing_is_lost);
    tcase_add_test(shortage, without_a_cache_files_are_opened_each_time);
    suite_add_tcase(suite, shortage);
    return run_suite(suite);
}
