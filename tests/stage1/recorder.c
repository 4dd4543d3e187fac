#include "recorder.h"

#include "loop_steps.h"
#include "poll_dispatcher.h"
#include "sockets.h"

#include <check.h>
#include <string.h>

struct event_loop *recorder_loop;
struct connection_table *recorder_table;
int recorder_removed;

static struct recorder *recorder_of(const struct tcp_connection *connection)
{
    struct recorder *recorder = tcp_connection_context(connection);

    ck_assert_msg(recorder->closes == 0, "a callback after on_closed");
    return recorder;
}

static void call(struct recorder *recorder, void (*what)(struct recorder *recorder))
{
    if (what != NULL) {
        what(recorder);
    }
}

static void on_open(struct tcp_connection *connection)
{
    struct recorder *recorder = recorder_of(connection);

    ck_assert_msg(recorder->deliveries + recorder->eofs == 0, "on_open was not the first callback");
    recorder->opens++;
    recorder->connection = connection;
    recorder->id = tcp_connection_id(connection);
    call(recorder, recorder->on_open);
}

static size_t on_bytes(struct tcp_connection *connection, char *bytes, size_t length)
{
    struct recorder *recorder = recorder_of(connection);

    ck_assert_msg(length > 0, "on_bytes without a byte");
    ck_assert_msg(connection_table_find(recorder_table, recorder->id) != NULL,
                  "on_bytes of a connection that is closed");
    recorder->deliveries++;
    recorder->given = length;
    size_t used = recorder->on_bytes != NULL ? recorder->on_bytes(recorder, bytes, length) : length;
    for (size_t i = 0; i < used && recorder->used + i < RECORDED; i++) {
        recorder->bytes[recorder->used + i] = bytes[i];
    }
    recorder->used += used;
    /* The bytes are the callback's to scribble on; nobody may rely on those that were used. */
    memset(bytes, '?', used);
    return used;
}

static void on_eof(struct tcp_connection *connection)
{
    struct recorder *recorder = recorder_of(connection);

    recorder->eofs++;
    call(recorder, recorder->on_eof);
}

static void on_drained(struct tcp_connection *connection)
{
    struct recorder *recorder = recorder_of(connection);

    recorder->draineds++;
    call(recorder, recorder->on_drained);
}

static void on_drain(struct tcp_connection *connection)
{
    struct recorder *recorder = recorder_of(connection);

    recorder->drains++;
    call(recorder, recorder->on_drain);
}

static void on_closed(struct tcp_connection *connection)
{
    struct recorder *recorder = recorder_of(connection);

    ck_assert_msg(descriptor_is_open(tcp_connection_fd(connection)),
                  "the descriptor was closed before on_closed");
    ck_assert_ptr_null(connection_table_find(recorder_table, recorder->id));
    call(recorder, recorder->on_closed);
    recorder->closes++;
    recorder->connection = NULL;
}

const struct tcp_connection_callbacks recorder_callbacks = {
    .on_open = on_open,
    .on_bytes = on_bytes,
    .on_eof = on_eof,
    .on_drained = on_drained,
    .on_drain = on_drain,
    .on_closed = on_closed,
};

static void on_removed(void *context)
{
    ck_assert_ptr_eq(context, &recorder_removed);
    recorder_removed++;
}

static void create_table(size_t input_limit, size_t output_high, size_t output_low)
{
    struct connection_table_config config = {
        .limits = {.input_limit = input_limit,
                   .output_high = output_high,
                   .output_low = output_low},
        .context = &recorder_removed,
        .on_removed = on_removed,
    };

    ck_assert_int_eq(connection_table_create(recorder_loop, &config, &recorder_table), 0);
}

void recorder_setup_on(const struct event_dispatcher *dispatcher)
{
    recorder_loop = loop_steps_create(dispatcher);
    create_table(1000, 4000, 1000);
}

void recorder_setup(void)
{
    recorder_setup_on(&poll_dispatcher);
}

void recorder_teardown(void)
{
    connection_table_destroy(recorder_table);
    event_loop_destroy(recorder_loop);
}

void recorder_limit(size_t input_limit, size_t output_high, size_t output_low)
{
    ck_assert_uint_eq(connection_table_count(recorder_table), 0);
    connection_table_destroy(recorder_table);
    create_table(input_limit, output_high, output_low);
}

static void adopt(struct recorder *recorder, const int pair[2])
{
    uint64_t id;

    recorder->peer = pair[1];
    int result =
        connection_table_adopt(recorder_table, pair[0], &recorder_callbacks, recorder, &id);
    ck_assert_msg(result == 0, "adopt: %s", strerror(-result));
    ck_assert_int_eq(recorder->opens, 1);
    ck_assert_uint_eq(recorder->id, id);
}

void adopt_stream(struct recorder *recorder)
{
    int pair[2];

    stream_pair(pair);
    adopt(recorder, pair);
}

void adopt_packets(struct recorder *recorder)
{
    int pair[2];

    packet_pair(pair);
    adopt(recorder, pair);
}

void adopt_tcp(struct recorder *recorder)
{
    int pair[2];

    tcp_pair(pair);
    adopt(recorder, pair);
}

void say(struct recorder *recorder, const char *text)
{
    ck_assert_int_eq(tcp_connection_send(recorder->connection, text, strlen(text)), 0);
}

void peer_says(const struct recorder *recorder, const char *text)
{
    peer_sends(recorder->peer, text, strlen(text));
}

void peer_hears(const struct recorder *recorder, const char *text)
{
    char got[RECORDED] = "";

    ck_assert_uint_lt(strlen(text), sizeof got);
    peer_reads(recorder->peer, got, strlen(text));
    ck_assert_str_eq(got, text);
}

void peer_hears_nothing(const struct recorder *recorder)
{
    char got[RECORDED + 1] = "";

    peer_reads_now(recorder->peer, got, sizeof got - 1);
    ck_assert_str_eq(got, "");
}

void assert_used(const struct recorder *recorder, const char *text)
{
    ck_assert_msg(recorder->used == strlen(text) &&
                      memcmp(recorder->bytes, text, recorder->used) == 0,
                  "expected '%s', got '%.*s'", text, (int)recorder->used, recorder->bytes);
}

void assert_gone(const struct recorder *recorder, int fd)
{
    ck_assert_msg(recorder->closes == 1, "expected on_closed once, got %d times", recorder->closes);
    ck_assert_ptr_null(connection_table_find(recorder_table, recorder->id));
    ck_assert_msg(!descriptor_is_open(fd), "descriptor %d is still open", fd);
}
