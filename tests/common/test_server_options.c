#include "capture.h"
#include "net.h"
#include "server_log.h"
#include "server_options.h"
#include "suite_runner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int listen_quietly(const struct server_options *options, struct capture *err)
{
    capture_begin(err, STDERR_FILENO);
    int fd = server_listen("prog", options);
    capture_end(err);
    return fd;
}

START_TEST(the_address_is_announced_in_one_line)
{
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    struct capture out;
    struct capture err;
    char address[NET_ADDRESS_TEXT];
    char expected[2 * NET_ADDRESS_TEXT];

    options.port = 0;
    int fd = listen_quietly(&options, &err);
    ck_assert_int_ge(fd, 0);
    ck_assert_str_eq(err.text, "");
    capture_begin(&out, STDOUT_FILENO);
    server_announce("prog", fd, "http://", "/");
    capture_end(&out);
    ck_assert_int_eq(net_local_address(fd, address), 0);
    snprintf(expected, sizeof expected, "prog listening on http://%s/\n", address);
    ck_assert_str_eq(out.text, expected);
    close(fd);
}
END_TEST

START_TEST(a_port_in_use_is_told_in_one_line)
{
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    struct capture err;
    char address[NET_ADDRESS_TEXT];
    int fd = net_listen("127.0.0.1", 0);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(net_local_address(fd, address), 0);
    options.port = atol(strrchr(address, ':') + 1);
    ck_assert_int_eq(listen_quietly(&options, &err), -EADDRINUSE);
    ck_assert_int_eq(capture_lines(&err), 1);
    ck_assert_msg(strstr(err.text, address) != NULL, "expected %s in: %s", address, err.text);
    ck_assert_msg(strstr(err.text, strerror(EADDRINUSE)) != NULL, "expected the reason in: %s",
                  err.text);
    close(fd);
}
END_TEST

START_TEST(an_unknown_host_is_told_in_one_line)
{
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    struct capture err;

    options.host = "no..host";
    ck_assert_int_eq(listen_quietly(&options, &err), -ENOENT);
    ck_assert_str_eq(err.text, "prog: cannot listen on no..host:8080: unknown host\n");
}
END_TEST

START_TEST(an_ipv6_host_stands_in_brackets)
{
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    struct capture err;

    /* The documentation prefix of RFC 3849: no machine has it. */
    options.host = "2001:db8::1";
    ck_assert_int_lt(listen_quietly(&options, &err), 0);
    ck_assert_msg(strstr(err.text, "[2001:db8::1]:8080") != NULL, "expected brackets in: %s",
                  err.text);
}
END_TEST

START_TEST(refused_connections_are_told_with_the_reason_and_how_many)
{
    struct log_limit limit = {0};
    struct capture err;

    capture_begin(&err, STDERR_FILENO);
    server_log_refused(&limit, 1024, ERANGE);
    /* As if the line were older than a second; the next one then tells how many were held back. */
    limit.last_second--;
    limit.suppressed = 5;
    server_log_refused(&limit, 7, ENOMEM);
    capture_end(&err);
    ck_assert_msg(strstr(err.text, "FD_SETSIZE") != NULL, "expected FD_SETSIZE in: %s", err.text);
    ck_assert_msg(strstr(err.text, strerror(ENOMEM)) != NULL, "expected a reason in: %s", err.text);
    ck_assert_msg(strstr(err.text, "5 more") != NULL, "expected a number in: %s", err.text);
    ck_assert_int_eq(capture_lines(&err), 2);
}
END_TEST

START_TEST(pauses_endings_and_cut_off_connections_are_told)
{
    struct capture err;

    capture_begin(&err, STDERR_FILENO);
    server_log_pause(EMFILE);
    server_log_pause(0);
    server_log_ending(15);
    server_log_drained(0);
    server_log_drained(3);
    capture_end(&err);
    ck_assert_msg(strstr(err.text, strerror(EMFILE)) != NULL, "expected a reason in: %s", err.text);
    ck_assert_msg(strstr(err.text, "goes on") != NULL, "expected 'goes on' in: %s", err.text);
    ck_assert_msg(strstr(err.text, strsignal(15)) != NULL, "expected the signal in: %s", err.text);
    ck_assert_msg(strstr(err.text, "time: 3\n") != NULL, "expected a number in: %s", err.text);
    /* A drain that cut off nobody is not worth a line. */
    ck_assert_int_eq(capture_lines(&err), 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server_options");

    TCase *listening = tcase_create("listening");
    tcase_add_test(listening, the_address_is_announced_in_one_line);
    tcase_add_test(listening, a_port_in_use_is_told_in_one_line);
    tcase_add_test(listening, an_unknown_host_is_told_in_one_line);
    tcase_add_test(listening, an_ipv6_host_stands_in_brackets);
    suite_add_tcase(suite, listening);

    TCase *words = tcase_create("words");
    tcase_add_test(words, refused_connections_are_told_with_the_reason_and_how_many);
    tcase_add_test(words, pauses_endings_and_cut_off_connections_are_told);
    suite_add_tcase(suite, words);
    return run_suite(suite);
}
