/* ./lab run S4-offload */
/*
 * The real server of stage 3 with another application: it repeats in capitals what a client says,
 * and takes a second for it. Four workers do that, so no loop ever waits. --port=N, --threads=N and
 * the other options are those of stage 3.
 */
#include "offload.h"
#include "pool_options.h"
#include "tcp_server.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORKERS = 4, QUEUE = 64, WORK_US = 1000000, END_MS = 2000 };

static struct worker_pool *workers;

struct talk {
    size_t open; /* questions that are not answered yet */
    bool eof;
};

struct question {
    uint64_t connection;
    bool answered;
    size_t length;
    char text[];
};

static void shout(void *data)
{
    struct question *question = data;

    usleep(WORK_US);
    for (size_t i = 0; i < question->length; i++) {
        question->text[i] = (char)toupper((unsigned char)question->text[i]);
    }
}

static void *find(void *table, uint64_t connection)
{
    return connection_table_find(table, connection);
}

/* Each answer is sent when it comes; the last one after the client's last word ends it. */
static void end_if_done(struct tcp_connection *connection)
{
    const struct talk *talk = tcp_connection_context(connection);

    if (talk->eof && talk->open == 0) {
        tcp_connection_close_after_flush(connection);
    }
}

static void answer(void *connection, void *data, int status)
{
    struct question *question = data;
    struct talk *talk = tcp_connection_context(connection);

    question->answered = true;
    talk->open--;
    if (status == 0) {
        tcp_connection_send(connection, question->text, question->length);
    }
    end_if_done(connection);
}

static void release(void *data)
{
    struct question *question = data;

    if (!question->answered) {
        fprintf(stderr, "connection %llu has gone, its answer is dropped\n",
                (unsigned long long)question->connection);
    }
    free(question);
}

static void on_open(struct tcp_connection *connection)
{
    struct talk *talk = calloc(1, sizeof *talk);

    tcp_connection_set_context(connection, talk);
    if (talk == NULL) {
        tcp_connection_abort(connection);
    }
}

static void on_closed(struct tcp_connection *connection)
{
    free(tcp_connection_context(connection));
}

static size_t on_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    struct connection_table *table = tcp_connection_table(connection);
    struct reactor *reactor = connection_table_context(table);
    struct talk *talk = tcp_connection_context(connection);
    struct question *question = malloc(sizeof *question + length);

    if (question == NULL) {
        tcp_connection_abort(connection);
        return length;
    }
    *question = (struct question){tcp_connection_id(connection), false, length};
    memcpy(question->text, bytes, length);
    const struct blocking_call call = {
        .connection = question->connection,
        .data = question,
        .work = shout,
        .find = find,
        .table = table,
        .finish = answer,
        .release = release,
    };
    if (offload(workers, reactor->mailbox, &call) < 0) {
        free(question);
        tcp_connection_abort(connection);
    } else {
        talk->open++;
    }
    return length;
}

static void on_eof(struct tcp_connection *connection)
{
    struct talk *talk = tcp_connection_context(connection);

    talk->eof = true;
    end_if_done(connection);
}

static const struct tcp_connection_callbacks callbacks = {
    .on_open = on_open, .on_bytes = on_bytes, .on_eof = on_eof, .on_closed = on_closed};

int main(int argc, char **argv)
{
    struct server_options options = SERVER_OPTIONS_DEFAULT;
    struct pool_options pool;
    const struct cli_option table[] = {SERVER_OPTIONS_ROWS(options), POOL_OPTIONS_ROWS(pool),
                                       CLI_END};
    const struct cli_program program = {
        .name = "S4-offload",
        .summary = "A server that takes its time.",
        .options = table,
    };
    int status;

    if (pool_options_init(&pool, NULL) < 0 || worker_pool_create(WORKERS, QUEUE, &workers) < 0) {
        return 1;
    }
    if (!cli_parse(&program, argc, argv, &status)) {
        return status;
    }
    const struct tcp_server_config config = {
        .program = program.name,
        .scheme = "",
        .suffix = "",
        .options = &options,
        .policy = pool.policies.tables[pool.policy],
        .thread_count = (size_t)pool.threads,
        .reactor = {.dispatcher = pool.dispatchers.tables[pool.dispatcher],
                    .wakeup = pool.wakeups.tables[pool.wakeup],
                    .limits = CONNECTION_LIMITS_DEFAULT,
                    .callbacks = &callbacks},
    };
    status = tcp_server_run(&config);
    worker_pool_destroy(workers, END_MS);
    return status;
}
