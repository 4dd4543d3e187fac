/*
 * The rows of tests/http_conformance over the real server: each with all its bytes in one send,
 * then byte by byte, and after either a new connection must be served as if nothing had been.
 *
 * Two more arguments, SHARE and SHARES, choose every so manieth row: a server a row takes its time.
 */
#include "client.h"
#include "configurations.h"
#include "conformance.h"
#include "http_transcript.h"
#include "integration.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 600 };

/* What is sent where a connection should go on, and where it should not. */
static const char next_request[] = "GET /hello HTTP/1.1\r\nHost: next\r\n\r\n";
static const char next_content[] = "Hello, world!\n";

static const struct conformance_row next_row = {
    .rule = "9112, 9",
    .sentence = "a new connection is served",
    .bytes = {next_request, sizeof next_request - 1},
    .answers = {200},
    .end = STAYS_OPEN,
    .content = {next_content, sizeof next_content - 1},
};

/* One connection with the bytes of one row. */
struct trial {
    const struct conformance_row *row;
    const char *way;
    size_t piece; /* so many bytes a send */
    int fd;
    const char *send_problem; /* NULL: everything was sent */
    struct http_transcript said;
};

__attribute__((format(printf, 2, 3), noreturn)) static void complain(const struct trial *trial,
                                                                     const char *format, ...)
{
    const struct conformance_row *row = trial->row;
    size_t length = row->bytes.length < SHOWN ? row->bytes.length : SHOWN;
    char problem[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem, sizeof problem, format, arguments);
    va_end(arguments);
    ck_abort_msg("RFC %s: %s (%s)\n  %s\n  sent: %s%s\n  came: %s\n  then: %s", row->rule,
                 row->sentence, trial->way, problem, http_escape(row->bytes.data, length),
                 length < row->bytes.length ? "..." : "",
                 http_escape(trial->said.bytes, trial->said.length),
                 trial->said.over != NULL ? trial->said.over : "not waited for");
}

/* Each piece is a packet: no Nagle to wait for the answer to the one before. */
static void connect_trial(struct trial *trial, const struct server_process *server)
{
    int on = 1;
    struct timeval patience = {.tv_sec = patience_ms() / 1000};

    trial->fd = client_connect(server);
    setsockopt(trial->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(trial->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static void send_bytes(struct trial *trial, const char *bytes, size_t length)
{
    while (length > 0 && trial->send_problem == NULL) {
        size_t wanted = trial->piece < length ? trial->piece : length;
        ssize_t n = send(trial->fd, bytes, wanted, MSG_NOSIGNAL);
        if (n < 0) {
            trial->send_problem = strerror(errno);
            return;
        }
        bytes += n;
        length -= (size_t)n;
    }
}

/* Sends the row and what shows how it ends, and receives up to the end. */
static void converse(struct trial *trial)
{
    const struct conformance_row *row = trial->row;

    send_bytes(trial, row->bytes.data, row->pause > 0 ? row->pause : row->bytes.length);
    if (row->pause > 0) {
        http_transcript_receive(&trial->said, trial->fd, "\r\n\r\n");
        send_bytes(trial, row->bytes.data + row->pause, row->bytes.length - row->pause);
    }
    if (row->end == STAYS_OPEN) {
        send_bytes(trial, next_request, sizeof next_request - 1);
    }
    if (row->end == STAYS_OPEN || row->end == HALF_CLOSED) {
        shutdown(trial->fd, SHUT_WR);
    }
    http_transcript_receive(&trial->said, trial->fd, NULL);
}

static void take_answer(struct trial *trial, int wanted, struct http_answer *ret_answer)
{
    int status = wanted % WITHOUT_CONTENT;
    enum http_ending ending = wanted >= UNTIL_THE_END     ? ENDS_WITH_CONNECTION
                              : wanted >= WITHOUT_CONTENT ? ENDS_WITH_HEAD
                                                          : ENDS_AS_FRAMED;
    const char *problem = http_transcript_take(&trial->said, ending, ret_answer);

    if (problem == NULL && ret_answer->status == 100 && status != 100 && trial->piece == 1 &&
        trial->row->may_continue) {
        problem = http_transcript_take(&trial->said, ending, ret_answer);
    }
    if (problem != NULL) {
        complain(trial, "%s instead of %d", problem, status);
    }
    if (ret_answer->status != status) {
        complain(trial, "%d instead of %d", ret_answer->status, status);
    }
}

static void check_content(const struct trial *trial, const struct http_answer *answer,
                          struct conformance_bytes wanted)
{
    if (answer->body_length != wanted.length ||
        memcmp(answer->body, wanted.data, wanted.length) != 0) {
        complain(trial, "%zu bytes of content, and not these %zu: %s", answer->body_length,
                 wanted.length, http_escape(wanted.data, wanted.length));
    }
}

static void check_last_answer(const struct trial *trial, const struct http_answer *answer)
{
    const struct conformance_row *row = trial->row;
    char value[128];

    if (row->content.data != NULL) {
        check_content(trial, answer, row->content);
    }
    if (row->field != NULL && !http_answer_field(answer, row->field, value, sizeof value)) {
        complain(trial, "no %s", row->field);
    }
    if (row->value != NULL && strcmp(value, row->value) != 0) {
        complain(trial, "%s: '%s' instead of '%s'", row->field, value, row->value);
    }
    if (row->absent != NULL && http_answer_field(answer, row->absent, value, sizeof value)) {
        complain(trial, "%s: %s, which should not be there", row->absent, value);
    }
}

/* RFC 9112, 9.6: an answer says close if it is the last one, and only then. */
static void check_close(const struct trial *trial, const struct http_answer *answer, bool last)
{
    enum conformance_end end = trial->row->end;
    bool should_close = last && (end == CLOSES || end == CLOSES_AS_ASKED);

    if (end != HALF_CLOSED && answer->close != should_close) {
        complain(trial, "the answer with %d %s", answer->status,
                 should_close ? "does not say close" : "says close");
    }
}

static void check_answers(struct trial *trial)
{
    const struct conformance_row *row = trial->row;
    struct http_answer answer;

    for (const int *status = row->answers; *status != 0; status++) {
        bool last = status[1] == 0;
        take_answer(trial, *status, &answer);
        check_close(trial, &answer, last);
        if (last) {
            check_last_answer(trial, &answer);
        }
    }
    if (row->end == STAYS_OPEN) {
        take_answer(trial, 200, &answer);
        check_close(trial, &answer, false);
        check_content(trial, &answer, next_row.content);
    }
    if (trial->said.taken < trial->said.length) {
        complain(trial, "an answer too many");
    }
}

/*
 * The end must be an end and no reset. After an error even bytes behind it are taken: on loopback,
 * the reset of a socket that was closed is here before send returns.
 */
static void check_end(struct trial *trial)
{
    int error = 0;
    socklen_t length = sizeof error;
    bool may_reset = trial->row->end == CLOSES_AS_ASKED && trial->piece == 1;

    if (!may_reset && strcmp(trial->said.over, "the end") != 0) {
        complain(trial, "not the end");
    }
    if (trial->row->end == CLOSES) {
        send_bytes(trial, next_request, sizeof next_request - 1);
        getsockopt(trial->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    }
    if (!may_reset && (trial->send_problem != NULL || error != 0)) {
        complain(trial, "the client cannot send on: %s",
                 error != 0 ? strerror(error) : trial->send_problem);
    }
}

static void run_trial(const struct server_process *server, const struct conformance_row *row,
                      const char *way, size_t piece)
{
    /* Static, because it is large. */
    static struct trial trial;

    trial.row = row;
    trial.way = way;
    trial.piece = piece;
    trial.send_problem = NULL;
    http_transcript_init(&trial.said);
    connect_trial(&trial, server);
    converse(&trial);
    check_answers(&trial);
    check_end(&trial);
    client_reset(trial.fd);
}

/* This program's share of the rows, and how many shares there are. */
static int share;
static int shares = 1;

static const struct conformance_row *share_row(int i, const struct conformance_group **ret_group)
{
    return conformance_row((size_t)(i * shares + share), ret_group);
}

START_TEST(a_row_holds_in_one_send_and_byte_by_byte)
{
    const struct conformance_group *group;
    const struct conformance_row *row = share_row(_i, &group);
    struct server_process *server = configuration_start(0, group->options);

    run_trial(server, row, "in one send", SIZE_MAX);
    run_trial(server, &next_row, row->sentence, SIZE_MAX);
    run_trial(server, row, "byte by byte", 1);
    run_trial(server, &next_row, row->sentence, SIZE_MAX);
}
END_TEST

static int count_rows(void)
{
    const struct conformance_group *group;
    int count = 0;

    while (share_row(count, &group) != NULL) {
        count++;
    }
    return count;
}

int main(int argc, char **argv)
{
    integration_init(argc, argv);
    if (integration_argument(4) != NULL) {
        share = atoi(integration_argument(3));
        shares = atoi(integration_argument(4));
    }

    Suite *suite = integration_suite("HTTP conformance");

    integration_add(suite, a_row_holds_in_one_send_and_byte_by_byte, count_rows());
    return integration_run(suite);
}
