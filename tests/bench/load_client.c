#include "load_client.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t load_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

int load_client_use_http(struct load_client *client, const char *bytes, size_t length,
                         size_t *ret_used)
{
    int result = answer_parser_feed(&client->parser, bytes, length, ret_used);

    if (result == 1 && client->parser.closes) {
        client->server_closes = true;
    }
    return result;
}

int load_client_use_echo(struct load_client *client, const char *bytes, size_t length,
                         size_t *ret_used)
{
    const struct load_work *work = client->work;
    size_t rest = work->request_length - client->echoed;
    size_t used = length < rest ? length : rest;

    if (memcmp(bytes, work->requests + client->echoed, used) != 0) {
        return -EPROTO;
    }
    client->echoed = used < rest ? client->echoed + used : 0;
    *ret_used = used;
    return used == rest ? 1 : 0;
}

static enum load_fault fault_of(int error)
{
    switch (error) {
    case -ENOTSUP:
        return LOAD_FAULT_CHUNKED;
    case -ENODATA:
        return LOAD_FAULT_NO_LENGTH;
    case -EADDRNOTAVAIL:
        return LOAD_FAULT_NO_PORT;
    case -EMFILE:
    case -ENFILE:
    case -ENOBUFS:
    case -ENOMEM:
        return LOAD_FAULT_NO_CONNECTION;
    case -EPROTO:
    case -EMSGSIZE:
        return LOAD_FAULT_GARBAGE;
    default:
        return LOAD_FAULT_CLOSED;
    }
}

/* The connection is of no use any more. What it leaves unanswered is counted by on_closed. */
static void fail(struct load_client *client, enum load_fault fault)
{
    /* Bytes that nobody asked for lose no request, but are a fault. */
    if (client->answered == client->count) {
        load_tally_failed(&client->work->tally, fault, 1);
    }
    client->failed = true;
    client->fault = fault;
    tcp_connection_abort(client->connection);
}

static void end_batch(struct load_client *client, bool progress)
{
    client->count = 0;
    client->answered = 0;
    client->busy = false;
    client->work->busy--;
    client->work->on_over(client, progress);
}

static void note_answer(struct load_client *client)
{
    struct load_work *work = client->work;

    /* An echo has no status. */
    if (client->parser.status == 0 || client->parser.status == 200) {
        load_tally_answered(&work->tally, work->now_ns - client->due_ns[client->answered]);
    } else {
        load_tally_failed(&work->tally, LOAD_FAULT_STATUS, 1);
    }
    client->answered++;
    client->brought++;
}

/* The last answer of the batch is complete. */
static void on_answered(struct load_client *client)
{
    if (client->work->ending == LOAD_WE_CLOSE) {
        tcp_connection_abort(client->connection);
    } else if (!client->server_closes && client->work->ending == LOAD_KEEPS) {
        end_batch(client, true);
    }
    /* Otherwise the server's end of the connection is still to come. */
}

static size_t on_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    struct load_client *client = tcp_connection_context(connection);
    size_t used = 0;
    int result = 1;

    client->work->now_ns = load_clock_ns();
    while (used < length && result == 1) {
        size_t step = 0;
        /* An answer to nothing, or behind the one that was to be the last. */
        if (client->answered == client->count || client->server_closes) {
            fail(client, LOAD_FAULT_GARBAGE);
            return length;
        }
        result = client->work->use(client, bytes + used, length - used, &step);
        used += step;
        if (result == 1) {
            note_answer(client);
        }
    }
    if (result < 0) {
        fail(client, fault_of(result));
        return length;
    }
    if (result == 1 && client->answered == client->count) {
        on_answered(client);
    }
    return used;
}

static void on_eof(struct tcp_connection *connection)
{
    tcp_connection_abort(connection);
}

static void forget_connection(struct load_client *client)
{
    client->connection = NULL;
    client->brought = 0;
    client->server_closes = false;
    client->failed = false;
    client->fault = LOAD_FAULT_CLOSED;
    client->parser = (struct answer_parser){0};
    client->echoed = 0;
}

static int connect_client(struct load_client *client)
{
    int fd = load_target_open(&client->work->target);

    if (fd < 0) {
        return fd;
    }
    int result = load_client_adopt(client, fd);
    if (result < 0) {
        close(fd);
    }
    return result;
}

/* Connects if need be, and sends what the batch still has no answer to. */
static int send_batch(struct load_client *client)
{
    const struct load_work *work = client->work;
    size_t length = (client->count - client->answered) * work->request_length;

    if (client->connection != NULL) {
        int result = tcp_connection_send(client->connection, work->requests, length);
        if (result != -EPIPE) {
            return result;
        }
        /* While it was idle the server closed it, and on_closed is about to come. */
    }
    int result = connect_client(client);
    return result < 0 ? result : tcp_connection_send(client->connection, work->requests, length);
}

static void on_closed(struct tcp_connection *connection)
{
    struct load_client *client = tcp_connection_context(connection);
    struct load_work *work = client->work;
    size_t unanswered = client->count - client->answered;
    bool progress = client->brought > 0;
    bool announced = client->server_closes && progress && !client->failed;
    enum load_fault fault = client->fault;

    /* The client may be on its next connection already: see send_batch. */
    if (work->ended || client->connection != connection) {
        return;
    }
    forget_connection(client);
    work->now_ns = load_clock_ns();
    if (unanswered > 0 && announced) {
        int result = send_batch(client);
        if (result == 0) {
            return;
        }
        fault = fault_of(result);
    }
    load_tally_failed(&work->tally, fault, unanswered);
    if (client->busy) {
        end_batch(client, progress);
    }
}

static void on_open(struct tcp_connection *connection)
{
    struct load_client *client = tcp_connection_context(connection);

    forget_connection(client);
    client->connection = connection;
}

static const struct tcp_connection_callbacks callbacks = {
    .on_open = on_open,
    .on_bytes = on_bytes,
    .on_eof = on_eof,
    .on_closed = on_closed,
};

int load_client_adopt(struct load_client *client, int fd)
{
    return connection_table_adopt(client->work->table, fd, &callbacks, client, NULL);
}

bool load_client_start(struct load_client *client, size_t count)
{
    client->count = count;
    client->answered = 0;
    int result = send_batch(client);

    if (result < 0) {
        load_tally_failed(&client->work->tally, fault_of(result), count);
        client->count = 0;
        return false;
    }
    client->busy = true;
    client->work->busy++;
    return true;
}

void load_client_give_up(struct load_client *client)
{
    size_t unanswered = client->count - client->answered;

    if (client->busy) {
        load_tally_failed(&client->work->tally, LOAD_FAULT_SILENT, unanswered > 0 ? unanswered : 1);
    }
}
