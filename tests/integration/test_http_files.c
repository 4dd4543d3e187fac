/* Files below --root, whole and unchanged, and nothing that is not below it. */
#include "client.h"
#include "configurations.h"
#include "http_client.h"
#include "integration.h"
#include "proc_status.h"
#include "web_root.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_BUFFERS = 16 * 1024, LEAVERS = 20, FEW_DESCRIPTORS = 64, MOST_LOOPS = 4 };

static struct server_process *start(int i)
{
    const char *const further[] = {web_root_option(), NULL};

    return configuration_start(i, further);
}

static const struct {
    const char *path;
    int status;
    const char *body; /* NULL: whatever */
    const char *type;
} paths[] = {
    {"/", 200, "<html>the root's index</html>\n", "text/html"},
    {"/index.html", 200, "<html>the root's index</html>\n", "text/html"},
    {"/plain.txt", 200, "plain\n", "text/plain"},
    {"/plain.txt?a=b&c=/../d", 200, "plain\n", "text/plain"},
    {"http://localhost/plain.txt", 200, "plain\n", "text/plain"},
    {"/pl%61in%2Etxt", 200, "plain\n", "text/plain"},
    {"/with%20space.txt", 200, "space\n", "text/plain"},
    {"/per%2541cent.txt", 200, "percent\n", "text/plain"},
    {"/%C3%BC.txt", 200, "umlaut\n", "text/plain"},
    {"/%c3%bc.txt", 200, "umlaut\n", "text/plain"},
    {"/a+b&c=d;e.txt", 200, "signs\n", "text/plain"},
    {"/.well-known/security.txt", 200, "known\n", "text/plain"},
    {"/empty.bin", 200, "", "application/octet-stream"},
    {"/sub/", 200, "<html>the index of sub</html>\n", "text/html"},
    {"/sub/page.html", 200, "<html>a page</html>\n", "text/html"},
    {"/link-inside", 200, "plain\n", NULL},
    {"/sub/link-inside", 200, "plain\n", NULL},
    {"/hello", 200, "Hello, world!\n", "text/plain"},
    {"/missing", 404, NULL, NULL},
    {"/sub/missing", 404, NULL, NULL},
    {"/plain.txt/", 404, NULL, NULL},
    {"/plain.txt/more", 404, NULL, NULL},
    {"/PLAIN.TXT", 404, NULL, NULL},
    {"/perAcent.txt", 404, NULL, NULL},
    {"/a%2Bb", 404, NULL, NULL},
    {"/bare/", 404, NULL, NULL},
    {"/pipe", 404, NULL, NULL},
    {"/link-to-itself", 404, NULL, NULL},
    {"/%", 400, NULL, NULL},
    {"/%4", 400, NULL, NULL},
    {"/%zz", 400, NULL, NULL},
};

START_TEST(a_path_leads_to_its_file)
{
    struct server_process *server = start(1);
    struct http_answer answer;
    char type[64];

    http_get(server, paths[_i].path, &answer);
    ck_assert_msg(answer.status == paths[_i].status, "%s: not %d but %s", paths[_i].path,
                  paths[_i].status, answer.head);
    ck_assert_msg(paths[_i].body == NULL || strcmp(answer.body, paths[_i].body) == 0,
                  "%s: not '%s' but '%s'", paths[_i].path, paths[_i].body, answer.body);
    http_answer_field(&answer, "Content-Type", type, sizeof type);
    ck_assert_msg(paths[_i].type == NULL ||
                      strncmp(type, paths[_i].type, strlen(paths[_i].type)) == 0,
                  "%s is '%s'", paths[_i].path, type);
    http_answer_release(&answer);
}
END_TEST

START_TEST(a_directory_without_its_slash_is_a_redirect)
{
    struct server_process *server = start(_i);
    struct http_answer answer;
    char location[128];

    http_get(server, "/sub?x=1", &answer);
    ck_assert_int_eq(answer.status, 301);
    http_answer_field(&answer, "Location", location, sizeof location);
    ck_assert_str_eq(location, "/sub/?x=1");
    http_answer_release(&answer);
}
END_TEST

/* Ways to say "..", and other ways out. */
static const char *const disguises[] = {
    "/..",
    "/../",
    "/../secret.txt",
    "/./../secret.txt",
    "/sub/../../secret.txt",
    "/sub/../../root-too/secret.txt",
    "/../root-too/secret.txt",
    "/%2e%2e/secret.txt",
    "/%2E%2E/secret.txt",
    "/.%2e/secret.txt",
    "/%2e./secret.txt",
    "/..%2fsecret.txt",
    "/..%2Fsecret.txt",
    "/%2e%2e%2fsecret.txt",
    "/sub%2f..%2f..%2fsecret.txt",
    "/%252e%252e/secret.txt",
    "/%252e%252e%252fsecret.txt",
    "/..%5csecret.txt",
    "/..\\secret.txt",
    "/%c0%ae%c0%ae/secret.txt",
    "/..%c0%afsecret.txt",
    "/..;/secret.txt",
    "/..%00/secret.txt",
    "/%00/../secret.txt",
    "/secret.txt%00",
    "/plain.txt%00.html",
    "//secret.txt",
    "//../secret.txt",
    "/..//secret.txt",
    "///etc/passwd",
    "//etc/passwd",
    "/%2fetc/passwd",
    "/%2Fetc%2Fpasswd",
    "http://localhost/../secret.txt",
    "/link-outside",
    "/link-outside?x",
    "/sub/../link-outside",
    "/link-to-parent/secret.txt",
    "/link-to-parent/",
    "/link-to-parent/root/plain.txt",
    "/link-to-sibling/secret.txt",
    "/link-to-system",
    "/...",
    "/.env",
    "/%2eenv",
    "/.git/config",
    "/.well-known/../.git/config",
};

START_TEST(no_disguise_leads_out_of_the_root)
{
    struct server_process *server = start(1);
    struct http_answer answer;

    http_get(server, disguises[_i], &answer);
    ck_assert_msg(answer.status >= 400 && answer.status < 500, "%s: %s", disguises[_i],
                  answer.head);
    ck_assert_msg(strstr(answer.body, "SECRET") == NULL && strstr(answer.body, "root:") == NULL,
                  "%s: %s", disguises[_i], answer.body);
    http_answer_release(&answer);
}
END_TEST

static const struct {
    const char *path;
    size_t size;
} binaries[] = {
    {"/empty.bin", 0},
    {"/1-byte.bin", 1},
    {"/16384-bytes.bin", 16384},
    {"/16385-bytes.bin", 16385},
    {"/300000-bytes.bin", 300000},
    {"/big.bin", WEB_ROOT_BIG},
};

enum { BINARIES = sizeof binaries / sizeof *binaries };

static void expect_binary(struct http_client *client, int i)
{
    struct http_answer answer;

    http_receive(client, &answer);
    ck_assert_msg(answer.status == 200 && answer.body_length == binaries[i].size, "%s: %s",
                  binaries[i].path, answer.head);
    ck_assert_msg(web_root_same(answer.body, 0, answer.body_length), "%s has other bytes",
                  binaries[i].path);
    http_answer_release(&answer);
}

START_TEST(files_of_every_size_come_as_they_are_one_after_the_other)
{
    struct server_process *server = start(_i);
    struct http_client client;

    http_connect(&client, server);
    for (int i = 0; i < BINARIES; i++) {
        http_ask(&client, "GET", binaries[i].path);
        expect_binary(&client, i);
    }
    http_disconnect(&client);
}
END_TEST

START_TEST(files_asked_for_all_at_once_come_in_order)
{
    struct server_process *server = start(_i);
    struct http_client client;
    struct http_answer answer;

    http_connect(&client, server);
    for (int i = BINARIES - 1; i >= 0; i--) {
        http_ask(&client, "GET", binaries[i].path);
        http_ask(&client, "HEAD", binaries[i].path);
        http_ask(&client, "GET", "/hello");
    }
    client_finish_sending(client.fd);
    for (int i = BINARIES - 1; i >= 0; i--) {
        expect_binary(&client, i);
        http_receive_head(&client, &answer);
        ck_assert_int_eq(answer.status, 200);
        http_expect(&client, 200);
    }
    http_expect_end(&client);
}
END_TEST

/* A GET with one more field. */
static void ask_with(struct http_client *client, const char *path, const char *field)
{
    char request[512];

    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n", path,
             field);
    http_send(client, request);
}

static void expect_field(const struct http_answer *answer, const char *name, const char *expected)
{
    char value[128];

    http_answer_field(answer, name, value, sizeof value);
    ck_assert_msg(strcmp(value, expected) == 0, "%s is not '%s' in: %s", name, expected,
                  answer->head);
}

START_TEST(a_big_file_fetched_in_parts_is_the_file)
{
    enum { PART = 1000 * 1000 };
    struct server_process *server = start(_i);
    struct http_client client;
    struct http_answer answer;
    char text[128];

    http_connect(&client, server);
    for (size_t at = 0; at < WEB_ROOT_BIG; at += PART) {
        size_t length = at + PART < WEB_ROOT_BIG ? PART : WEB_ROOT_BIG - at;
        snprintf(text, sizeof text, "Range: bytes=%zu-%zu", at, at + PART - 1);
        ask_with(&client, "/big.bin", text);
        http_receive(&client, &answer);
        ck_assert_msg(answer.status == 206 && answer.body_length == length, "%s", answer.head);
        snprintf(text, sizeof text, "bytes %zu-%zu/%d", at, at + length - 1, WEB_ROOT_BIG);
        expect_field(&answer, "Content-Range", text);
        ck_assert_msg(web_root_same(answer.body, at, length), "the part at %zu is another", at);
        http_answer_release(&answer);
    }
    ask_with(&client, "/300000-bytes.bin", "Range: bytes=300000-");
    http_receive(&client, &answer);
    ck_assert_int_eq(answer.status, 416);
    expect_field(&answer, "Content-Range", "bytes */300000");
    http_answer_release(&answer);
    http_disconnect(&client);
}
END_TEST

START_TEST(parts_of_a_big_file_are_followed_by_the_next_answer)
{
    struct server_process *server = start(_i);
    struct http_client client;
    struct http_answer answer;
    char type[128];

    http_connect(&client, server);
    ask_with(&client, "/big.bin", "Range: bytes=0-0,5-700004,1000000-1500000");
    http_ask(&client, "GET", "/hello");
    http_receive(&client, &answer);
    http_answer_field(&answer, "Content-Type", type, sizeof type);
    ck_assert_msg(answer.status == 206 && strncmp(type, "multipart/byteranges;", 21) == 0, "%s",
                  answer.head);
    const char *large = memmem(answer.body, answer.body_length, "bytes 5-700004/", 15);
    ck_assert_ptr_nonnull(large);
    large = strstr(large, "\r\n\r\n") + 4;
    ck_assert_uint_lt(700000, (size_t)(answer.body + answer.body_length - large));
    ck_assert_msg(web_root_same(large, 5, 700000), "the part has other bytes");
    http_answer_release(&answer);
    http_expect(&client, 200);
    http_disconnect(&client);
}
END_TEST

START_TEST(a_copy_that_is_current_is_not_sent_again)
{
    struct server_process *server = start(_i);
    struct http_client client;
    struct http_answer answer;
    char tag[128];
    char field[256];

    http_connect(&client, server);
    http_ask(&client, "HEAD", "/big.bin");
    http_receive_head(&client, &answer);
    ck_assert(http_answer_field(&answer, "ETag", tag, sizeof tag));
    snprintf(field, sizeof field, "If-None-Match: %s", tag);
    ask_with(&client, "/big.bin", field);
    http_receive(&client, &answer);
    ck_assert_msg(answer.status == 304, "%s", answer.head);
    expect_field(&answer, "ETag", tag);
    expect_field(&answer, "Content-Length", "");
    snprintf(field, sizeof field, "If-Match: %s", tag);
    ask_with(&client, "/plain.txt", field);
    http_expect(&client, 412);
    http_disconnect(&client);
}
END_TEST

START_TEST(a_slow_reader_of_a_big_file_gets_it_while_others_are_served)
{
    struct server_process *server = start(_i);
    struct http_client slow = {
        .fd = client_connect_with_buffers(server, SMALL_BUFFERS, SMALL_BUFFERS)};
    struct http_client other;

    http_ask(&slow, "GET", "/big.bin");
    client_await(slow.fd, POLLIN, "the first bytes of the file");
    http_connect(&other, server);
    long before = proc_status_value(server->pid, "VmRSS");
    for (int i = 0; i < 100; i++) {
        http_ask(&other, "GET", "/plain.txt");
        http_expect(&other, 200);
    }
    long grown = proc_status_value(server->pid, "VmRSS") - before;
    ck_assert_msg(built_with_sanitizer() || grown < 4096, "it grew by %ld KiB", grown);
    expect_binary(&slow, BINARIES - 1);
    http_disconnect(&slow);
    http_disconnect(&other);
}
END_TEST

START_TEST(clients_that_leave_in_the_middle_leave_no_descriptor_behind)
{
    struct server_process *server = start(_i);
    size_t before = proc_descriptor_count(server->pid);

    for (int i = 0; i < LEAVERS; i++) {
        struct http_client client = {
            .fd = client_connect_with_buffers(server, SMALL_BUFFERS, SMALL_BUFFERS)};
        http_ask(&client, "GET", i % 2 == 0 ? "/big.bin" : "/300000-bytes.bin");
        client_await(client.fd, POLLIN, "the first bytes of the file");
        http_disconnect(&client);
    }
    /* Each loop may keep the two files open for the next request, once. */
    await(proc_descriptor_count(server->pid) <= before + 2 * MOST_LOOPS,
          "connections and files are closed");
}
END_TEST

START_TEST(without_a_descriptor_for_the_file_the_answer_is_503)
{
    const char *const further[] = {web_root_option(), NULL};
    struct server_process *server = configuration_start_limited(_i, further, FEW_DESCRIPTORS);
    static struct http_client clients[FEW_DESCRIPTORS];
    size_t room = FEW_DESCRIPTORS - proc_descriptor_count(server->pid);

    for (size_t i = 0; i < room; i++) {
        http_connect(&clients[i], server);
        http_ask(&clients[i], "GET", "/hello");
        http_expect(&clients[i], 200);
    }
    http_ask(&clients[0], "GET", "/plain.txt");
    http_expect(&clients[0], 503);
    http_disconnect(&clients[--room]);
    await(proc_descriptor_count(server->pid) < FEW_DESCRIPTORS, "a descriptor is free again");
    http_ask(&clients[0], "GET", "/plain.txt");
    http_expect(&clients[0], 200);
    while (room > 0) {
        http_disconnect(&clients[--room]);
    }
}
END_TEST

START_TEST(a_root_that_is_not_there_is_told_in_one_line)
{
    const char *const words[] = {"--port=0", "--root=/no/such/folder", NULL};
    struct server_process *server = server_spawn(&(struct server_launch){.arguments = words});
    char *output = server_read_output(server);

    server_expect_exit(server, 1);
    ck_assert_str_eq(output, "");
    ck_assert_uint_eq(server_log_count(server, ""), 1);
    ck_assert_uint_eq(server_log_count(server, "/no/such/folder"), 1);
    free(output);
}
END_TEST

int main(int argc, char **argv)
{
    integration_init(argc, argv);
    web_root_create();

    Suite *suite = integration_suite("HTTP files");
    int count = configuration_count();

    integration_add(suite, a_path_leads_to_its_file, sizeof paths / sizeof *paths);
    integration_add(suite, a_directory_without_its_slash_is_a_redirect, count);
    integration_add(suite, no_disguise_leads_out_of_the_root, sizeof disguises / sizeof *disguises);
    integration_add(suite, files_of_every_size_come_as_they_are_one_after_the_other, count);
    integration_add(suite, files_asked_for_all_at_once_come_in_order, count);
    integration_add(suite, a_big_file_fetched_in_parts_is_the_file, count);
    integration_add(suite, parts_of_a_big_file_are_followed_by_the_next_answer, count);
    integration_add(suite, a_copy_that_is_current_is_not_sent_again, count);
    integration_add(suite, a_slow_reader_of_a_big_file_gets_it_while_others_are_served, count);
    integration_add(suite, clients_that_leave_in_the_middle_leave_no_descriptor_behind, count);
    integration_add(suite, without_a_descriptor_for_the_file_the_answer_is_503, count);
    integration_add(suite, a_root_that_is_not_there_is_told_in_one_line, 1);
    int status = integration_run(suite);
    web_root_remove();
    return status;
}
