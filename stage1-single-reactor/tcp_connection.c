#include "tcp_connection_internal.h"

#include "container_of.h"
#include "log.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* A scratch buffer that one large answer blew up is given back. */
enum { SCRATCH_OUTPUT_KEPT = 4 * SCRATCH_BYTES };

static bool in_callback(const struct tcp_connection *connection)
{
    return connection->owner->current == connection;
}

/* Where send appends. The shared scratch only serves when nothing older waits: order is kept. */
static struct buffer *output_of(struct tcp_connection *connection)
{
    return in_callback(connection) && connection->output.length == 0
               ? &connection->owner->scratch_output
               : &connection->output;
}

size_t tcp_connection_unsent(const struct tcp_connection *connection)
{
    return connection->output.length +
           (in_callback(connection) ? connection->owner->scratch_output.length : 0);
}

static void run_turn_later(struct tcp_connection *connection)
{
    if (!connection->turn.queued) {
        event_loop_defer(connection->owner->loop, &connection->turn);
    }
}

void tcp_connection_abort(struct tcp_connection *connection)
{
    assert(event_loop_is_owner(connection->owner->loop));
    if (connection->closed) {
        return;
    }
    connection->closed = true;
    event_loop_forget_channel(connection->owner->loop, &connection->channel);
    run_turn_later(connection);
}

static void fail(struct tcp_connection *connection, int error)
{
    log_debug("connection %llu: fd %d closes: %s", (unsigned long long)connection->id,
              connection->channel.fd, strerror(error));
    tcp_connection_abort(connection);
}

/* One write. Consumes what the kernel took; a full socket is no error. Returns 0 or -errno. */
static int write_once(struct tcp_connection *connection, struct buffer *buffer)
{
    int flags = MSG_NOSIGNAL | (connection->more_follows ? MSG_MORE : 0);
    ssize_t n = send(connection->channel.fd, buffer_data(buffer), buffer->length, flags);

    connection->more_follows = false;
    if (n < 0) {
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    }
    buffer_consume(buffer, (size_t)n);
    tcp_connection_count_sent(connection, (size_t)n);
    return 0;
}

/* Writes what waits, once. Whatever is left over is in the connection's own buffer afterwards. */
static void flush(struct tcp_connection *connection)
{
    struct buffer *scratch = &connection->owner->scratch_output;
    struct buffer *buffer = scratch->length > 0 ? scratch : &connection->output;
    int result = buffer->length > 0 ? write_once(connection, buffer) : 0;

    if (buffer == scratch) {
        if (result == 0) {
            result = buffer_append(&connection->output, buffer_data(scratch), scratch->length);
        }
        buffer_clear(scratch, SCRATCH_OUTPUT_KEPT);
    } else if (buffer->length == 0) {
        buffer_release(buffer);
    }
    if (result < 0) {
        fail(connection, -result);
    }
}

/*
 * Noted before the write, too: a callback may have stopped producing because of it, and must hear
 * when the pressure is over, even if the kernel then takes everything at once.
 */
static void note_pressure(struct tcp_connection *connection)
{
    if (tcp_connection_unsent(connection) > connection->owner->limits.output_high) {
        connection->congested = true;
    }
}

/* Callbacks run between enter and leave: leave writes what they have sent, in one write. */
static void enter(struct tcp_connection *connection)
{
    assert(connection->owner->current == NULL);
    connection->owner->current = connection;
}

static void leave(struct tcp_connection *connection)
{
    struct buffer *scratch = &connection->owner->scratch_output;

    note_pressure(connection);
    connection->owner->current = NULL;
    if (!connection->closed) {
        flush(connection);
    } else {
        buffer_clear(scratch, SCRATCH_OUTPUT_KEPT);
    }
}

static unsigned wanted_events(const struct tcp_connection *connection)
{
    bool read = !connection->eof && !connection->paused && !connection->congested &&
                !connection->closing &&
                connection->input.length < connection->owner->limits.input_limit;
    bool write = connection->output.length > 0 || connection->wants_drained;

    return (read ? EVENT_READ : 0U) | (write ? EVENT_WRITE : 0U);
}

static bool may_redeliver(const struct tcp_connection *connection)
{
    return connection->redeliver && connection->input.length > 0 && !connection->paused &&
           !connection->congested && !connection->closing;
}

/* After every turn: what does the connection's state ask for next? */
static void settle(struct tcp_connection *connection)
{
    if (!connection->closed && connection->wants_drained && connection->output.length == 0) {
        connection->wants_drained = false;
        enter(connection);
        connection->callbacks->on_drained(connection);
        leave(connection);
    }
    if (connection->closed) {
        return;
    }
    if (connection->closing && connection->output.length == 0 && !connection->wants_drained) {
        tcp_connection_abort(connection);
        return;
    }
    note_pressure(connection);
    if (connection->congested &&
        connection->output.length <= connection->owner->limits.output_low) {
        connection->congested = false;
        connection->redeliver = true;
    }
    connection->redeliver = connection->redeliver && connection->input.length > 0;
    if (may_redeliver(connection)) {
        run_turn_later(connection);
    }
    int result = event_loop_update_channel(connection->owner->loop, &connection->channel,
                                           wanted_events(connection));
    if (result < 0) {
        fail(connection, -result);
    }
}

static size_t call_on_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    enter(connection);
    size_t used = connection->callbacks->on_bytes(connection, bytes, length);
    assert(used <= length);
    leave(connection);
    return used;
}

static void deliver_left_over(struct tcp_connection *connection)
{
    size_t used =
        call_on_bytes(connection, buffer_data(&connection->input), connection->input.length);

    buffer_consume(&connection->input, used);
    if (connection->input.length == 0) {
        buffer_release(&connection->input);
    }
}

static void receive(struct tcp_connection *connection, char *bytes, size_t length)
{
    size_t used = 0;

    connection->active = true;
    counter_add(&connection->owner->counters.bytes_in, length);
    /* The common case: nothing was left over, so the bytes are used where they were read. */
    if (connection->input.length == 0) {
        used = call_on_bytes(connection, bytes, length);
    }
    if (connection->closed || connection->closing || used == length) {
        return;
    }
    bool older = connection->input.length > 0;
    if (buffer_append(&connection->input, bytes + used, length - used) < 0) {
        fail(connection, ENOMEM);
    } else if (older) {
        deliver_left_over(connection);
    }
}

static void on_readable(struct channel *channel)
{
    struct tcp_connection *connection = container_of(channel, struct tcp_connection, channel);
    char *scratch = connection->owner->scratch_input;

    /* An earlier callback of this batch may have paused or ended it: the loop does not know yet. */
    if ((wanted_events(connection) & EVENT_READ) == 0) {
        return;
    }
    ssize_t n = recv(channel->fd, scratch, SCRATCH_BYTES, 0);

    if (n > 0) {
        receive(connection, scratch, (size_t)n);
    } else if (n == 0) {
        connection->eof = true;
        enter(connection);
        connection->callbacks->on_eof(connection);
        leave(connection);
    } else if (errno != EAGAIN && errno != EINTR) {
        fail(connection, errno);
    }
    settle(connection);
}

static void on_writable(struct channel *channel)
{
    struct tcp_connection *connection = container_of(channel, struct tcp_connection, channel);

    flush(connection);
    settle(connection);
}

/* The deferred turn: output that was sent from outside a callback, left-over input, or the end. */
static void run_turn(struct deferred *deferred)
{
    struct tcp_connection *connection = container_of(deferred, struct tcp_connection, turn);

    if (connection->closed) {
        connection->owner->on_destroy(connection->owner, connection);
        return;
    }
    if (may_redeliver(connection)) {
        connection->redeliver = false;
        deliver_left_over(connection);
    } else {
        flush(connection);
    }
    settle(connection);
}

int tcp_connection_start(struct tcp_connection *connection)
{
    connection->channel.on_read = on_readable;
    connection->channel.on_write = on_writable;
    connection->turn.run = run_turn;
    int result = event_loop_add_channel(connection->owner->loop, &connection->channel, EVENT_READ);
    if (result == 0 && connection->callbacks->on_open != NULL) {
        connection->callbacks->on_open(connection);
    }
    return result;
}

/* A callback is followed by settle anyway; from outside of one, a turn later does it. */
static void settle_later(struct tcp_connection *connection)
{
    assert(event_loop_is_owner(connection->owner->loop));
    if (!in_callback(connection) && !connection->closed) {
        run_turn_later(connection);
    }
}

int tcp_connection_send(struct tcp_connection *connection, const void *bytes, size_t length)
{
    assert(event_loop_is_owner(connection->owner->loop));
    if (connection->closed || connection->closing) {
        return -EPIPE;
    }
    int result = buffer_append(output_of(connection), bytes, length);
    if (result == 0) {
        settle_later(connection);
    }
    return result;
}

bool tcp_connection_congested(const struct tcp_connection *connection)
{
    return tcp_connection_unsent(connection) > connection->owner->limits.output_high;
}

void tcp_connection_more_follows(struct tcp_connection *connection)
{
    connection->more_follows = true;
}

void tcp_connection_want_drained(struct tcp_connection *connection)
{
    assert(connection->callbacks->on_drained != NULL);
    connection->wants_drained = true;
    settle_later(connection);
}

void tcp_connection_pause_reading(struct tcp_connection *connection)
{
    connection->paused = true;
    settle_later(connection);
}

void tcp_connection_resume_reading(struct tcp_connection *connection)
{
    connection->paused = false;
    connection->redeliver = true;
    settle_later(connection);
}

void tcp_connection_close_after_flush(struct tcp_connection *connection)
{
    connection->closing = true;
    settle_later(connection);
}

size_t tcp_connection_left_over(const struct tcp_connection *connection)
{
    return connection->input.length;
}

int tcp_connection_fd(const struct tcp_connection *connection)
{
    return connection->channel.fd;
}

uint64_t tcp_connection_id(const struct tcp_connection *connection)
{
    return connection->id;
}

void *tcp_connection_context(const struct tcp_connection *connection)
{
    return connection->context;
}

void tcp_connection_set_context(struct tcp_connection *connection, void *context)
{
    connection->context = context;
}

struct connection_table *tcp_connection_table(const struct tcp_connection *connection)
{
    return connection->owner->table;
}

void tcp_connection_count_sent(struct tcp_connection *connection, size_t bytes)
{
    connection->active = true;
    connection->sent += bytes;
    counter_add(&connection->owner->counters.bytes_out, bytes);
}

uint64_t tcp_connection_sent(const struct tcp_connection *connection)
{
    return connection->sent;
}
