#include "test_static_files.h"

#include "server_fixture.h"

#include <stdlib.h>
#include <sys/stat.h>

struct static_files *files;
struct request_fixture fixture;

void pattern_file(const char *name, size_t length)
{
    char *bytes = malloc(length);

    ck_assert_ptr_nonnull(bytes);
    pattern(bytes, 0, length);
    file_tree_file(name, bytes, length);
    free(bytes);
}

void build_site(void)
{
    file_tree_create();
    file_tree_text("secret", "secret");
    file_tree_folder("root");
    file_tree_text("root/index.html", "<p>welcome");
    file_tree_text("root/a b.txt", "spaced");
    file_tree_text("root/empty.txt", "");
    pattern_file("root/small.bin", SMALL_FILE);
    pattern_file("root/over.bin", SMALL_FILE + 1);
    pattern_file("root/large.bin", LARGE_FILE);
    file_tree_folder("root/sub");
    file_tree_text("root/sub/index.html", "<p>sub");
    file_tree_text("root/sub/style.css", "p {}");
    file_tree_folder("root/bare");
    file_tree_folder("root/odd");
    file_tree_folder("root/odd/index.html");
    file_tree_folder("root/locked");
    file_tree_text("root/locked.txt", "locked");
    file_tree_link("root/out", "../secret");
    file_tree_link("root/in", "sub/style.css");
    file_tree_fifo("root/fifo");
}

static void open_with(bool listing)
{
    const struct static_files_config config = {file_tree_path("root"), listing};

    ck_assert_int_eq(static_files_create(&config, &files), 0);
}

void open_files(void)
{
    open_with(false);
}

void open_files_with_listing(void)
{
    open_with(true);
}

void close_files(void)
{
    static_files_destroy(files);
}

static struct server_fixture_config server_config;

void open_file_server(http_handler *handler)
{
    const struct http_route route = {
        .method = HTTP_GET,
        .pattern = "/*",
        .handler = handler,
        .user = files,
        .release_local = static_files_release_local,
    };

    server_config = (struct server_fixture_config)SERVER_FIXTURE_DEFAULT;
    ck_assert_int_eq(router_create(&server_config.router), 0);
    ck_assert_int_eq(router_add(server_config.router, &route), 0);
    server_open(&server_config);
}

void close_file_server(void)
{
    server_close();
    router_destroy(server_config.router);
}

void ask(const char *target)
{
    ask_with("GET", target, "");
}

void ask_with(const char *method, const char *target, const char *fields)
{
    request_fixture_open_with(&fixture, method, target, fields);
    ask_again();
}

void ask_again(void)
{
    const struct http_context context = {.user = files};

    static_files_handler(&fixture.request, &fixture.response, &context);
}

void set_time(const char *name, int64_t seconds, long nanoseconds)
{
    const struct timespec time = {.tv_sec = seconds, .tv_nsec = nanoseconds};
    const struct timespec times[2] = {time, time};

    ck_assert_int_eq(utimensat(-1, file_tree_path(name), times, 0), 0);
}

int main(void)
{
    Suite *suite = suite_create("static_files");

    suite_add_tcase(suite, static_files_answers());
    suite_add_tcase(suite, static_files_conditions());
    suite_add_tcase(suite, static_files_ranges());
    suite_add_tcase(suite, static_files_listing());
    suite_add_tcase(suite, static_files_sources());
    suite_add_tcase(suite, static_files_served());
    return run_suite(suite);
}
