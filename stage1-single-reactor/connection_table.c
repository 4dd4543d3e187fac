#include "connection_table.h"

#include "log.h"
#include "tcp_connection_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_BUCKETS = 64 };

/*
 * A hash table chained through the connections. Ids are consecutive, so `id mod buckets` spreads
 * them perfectly. The number of buckets is a power of two.
 */
struct connection_table {
    struct connection_owner owner;
    struct connection_table_config config;
    struct tcp_connection **buckets;
    size_t bucket_count;
    size_t count;
    uint64_t last_id;
    bool draining;
};

static struct tcp_connection **bucket_of(const struct connection_table *table, uint64_t id)
{
    return &table->buckets[id & (table->bucket_count - 1)];
}

static void link_into_bucket(struct connection_table *table, struct tcp_connection *connection)
{
    struct tcp_connection **bucket = bucket_of(table, connection->id);

    connection->next = *bucket;
    *bucket = connection;
}

static void unlink_from_bucket(struct connection_table *table, struct tcp_connection *connection)
{
    struct tcp_connection **link = bucket_of(table, connection->id);

    while (*link != connection) {
        link = &(*link)->next;
    }
    *link = connection->next;
}

/*
 * Doubles the buckets. Without memory for that the chains grow longer, and everything still works.
 */
static void grow(struct connection_table *table)
{
    size_t old_count = table->bucket_count;
    struct tcp_connection **old = table->buckets;
    struct tcp_connection **larger = calloc(old_count * 2, sizeof *larger);

    if (larger == NULL) {
        return;
    }
    table->buckets = larger;
    table->bucket_count = old_count * 2;
    for (size_t i = 0; i < old_count; i++) {
        for (struct tcp_connection *each = old[i], *next; each != NULL; each = next) {
            next = each->next;
            link_into_bucket(table, each);
        }
    }
    free(old);
}

/*
 * The end of a connection, in the deferred phase: nobody is inside one of its callbacks any more.
 */
static void on_destroy(struct connection_owner *owner, struct tcp_connection *connection)
{
    struct connection_table *table = owner->table;

    if (connection->callbacks->on_closed != NULL) {
        connection->callbacks->on_closed(connection);
    }
    log_debug("connection %llu: fd %d closed", (unsigned long long)connection->id,
              connection->channel.fd);
    close(connection->channel.fd);
    unlink_from_bucket(table, connection);
    table->count--;
    counter_add(&owner->counters.closed, 1);
    buffer_release(&connection->input);
    buffer_release(&connection->output);
    free(connection);
    if (table->config.on_removed != NULL) {
        table->config.on_removed(table->config.context);
    }
}

int connection_table_create(struct event_loop *loop, const struct connection_table_config *config,
                            struct connection_table **ret_table)
{
    struct connection_table *table = calloc(1, sizeof *table);

    if (table == NULL) {
        return -ENOMEM;
    }
    table->owner = (struct connection_owner){
        .loop = loop,
        .table = table,
        .limits = config->limits,
        .on_destroy = on_destroy,
        .scratch_input = malloc(SCRATCH_BYTES),
    };
    table->config = *config;
    table->bucket_count = FIRST_BUCKETS;
    table->buckets = calloc(FIRST_BUCKETS, sizeof(struct tcp_connection *));
    if (table->owner.scratch_input == NULL || table->buckets == NULL) {
        connection_table_destroy(table);
        return -ENOMEM;
    }
    *ret_table = table;
    return 0;
}

void connection_table_destroy(struct connection_table *table)
{
    if (table == NULL) {
        return;
    }
    if (table->count > 0) {
        connection_table_close_all(table);
        event_loop_run_deferred(table->owner.loop);
    }
    buffer_release(&table->owner.scratch_output);
    free(table->owner.scratch_input);
    free(table->buckets);
    free(table);
}

int connection_table_adopt(struct connection_table *table, int fd,
                           const struct tcp_connection_callbacks *callbacks, void *context,
                           uint64_t *ret_id)
{
    assert(event_loop_is_owner(table->owner.loop));
    struct tcp_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        return -ENOMEM;
    }
    if (table->count >= table->bucket_count) {
        grow(table);
    }
    connection->channel.fd = fd;
    connection->owner = &table->owner;
    connection->callbacks = callbacks;
    connection->context = context;
    connection->id = ++table->last_id;
    connection->active = true;
    /* Into the table before it starts: on_open may already look itself up, or abort. */
    link_into_bucket(table, connection);
    int result = tcp_connection_start(connection);
    if (result < 0) {
        unlink_from_bucket(table, connection);
        free(connection);
        return result;
    }
    table->count++;
    counter_add(&table->owner.counters.opened, 1);
    log_debug("new connection: fd %d is connection %llu of this loop", fd,
              (unsigned long long)connection->id);
    if (ret_id != NULL) {
        *ret_id = connection->id;
    }
    return 0;
}

struct tcp_connection *connection_table_find(const struct connection_table *table, uint64_t id)
{
    assert(event_loop_is_owner(table->owner.loop));
    struct tcp_connection *connection = *bucket_of(table, id);

    while (connection != NULL && connection->id != id) {
        connection = connection->next;
    }
    return connection != NULL && !connection->closed ? connection : NULL;
}

void connection_table_close_all(struct connection_table *table)
{
    for (size_t i = 0; i < table->bucket_count; i++) {
        for (struct tcp_connection *each = table->buckets[i]; each != NULL; each = each->next) {
            tcp_connection_abort(each);
        }
    }
}

void connection_table_drain_quiet(struct connection_table *table)
{
    table->draining = true;
    for (size_t i = 0; i < table->bucket_count; i++) {
        for (struct tcp_connection *each = table->buckets[i]; each != NULL; each = each->next) {
            /*
             * Closing while something waits, also unread bytes, would cut off what is still owed.
             */
            bool quiet = !each->active && !each->closed && each->output.length == 0 &&
                         each->input.length == 0;
            each->active = false;
            if (quiet && each->callbacks->on_drain != NULL) {
                each->callbacks->on_drain(each);
            } else if (quiet) {
                tcp_connection_close_after_flush(each);
            }
        }
    }
}

bool connection_table_draining(const struct connection_table *table)
{
    return table->draining;
}

size_t connection_table_count(const struct connection_table *table)
{
    return table->count;
}

struct event_loop *connection_table_loop(const struct connection_table *table)
{
    return table->owner.loop;
}

void *connection_table_context(const struct connection_table *table)
{
    return table->config.context;
}

const struct connection_counters *connection_table_counters(const struct connection_table *table)
{
    return &table->owner.counters;
}
