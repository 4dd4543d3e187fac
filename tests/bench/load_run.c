#include "load_run.h"

#include "buffer.h"
#include "container_of.h"
#include "epoll_dispatcher.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* For standard streams, epoll, timers, signals, and a connection that is closed only when its
 * successor is open. */
enum { OTHER_DESCRIPTORS = 32 };

/* As many as are allowed. Returns false, and says so, if they are too few. */
static bool raise_descriptor_limit(const struct load_options *options)
{
    rlim_t wanted = (rlim_t)options->connections + OTHER_DESCRIPTORS;
    struct rlimit limit = {0};

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
    }
    if (limit.rlim_cur >= wanted && setrlimit(RLIMIT_NOFILE, &limit) == 0) {
        return true;
    }
    fprintf(stderr, "load: %ld connections need %llu descriptors, and only %llu are allowed\n",
            options->connections, (unsigned long long)wanted, (unsigned long long)limit.rlim_max);
    return false;
}

/* Lines of 95 bytes, each shifted by one, so that bytes which get lost or come twice show. */
static int append_message(struct buffer *text, long size)
{
    for (long i = 0; i < size; i++) {
        char byte = (char)(' ' + (i + i / 95) % 95);
        if (buffer_append(text, &byte, 1) < 0) {
            return -ENOMEM;
        }
    }
    return 0;
}

static int append_request(struct buffer *text, const struct load_options *options)
{
    bool bracket = strchr(options->host, ':') != NULL;

    return buffer_printf(text, "GET %s HTTP/1.1\r\nHost: %s%s%s:%ld\r\n%s\r\n", options->path,
                         bracket ? "[" : "", options->host, bracket ? "]" : "", options->port,
                         options->close ? "Connection: close\r\n" : "");
}

static int prepare_requests(struct load_run *run)
{
    const struct load_options *options = run->options;
    bool http = options->path != NULL;
    struct buffer text = {0};
    int result = http ? append_request(&text, options) : append_message(&text, options->size);
    size_t length = text.length;

    for (long i = 1; i < options->pipeline && result == 0; i++) {
        result = append_request(&text, options);
    }
    /* Nothing is ever consumed from this buffer, so its memory begins with the data. */
    run->requests = text.memory;
    run->work.requests = text.memory;
    run->work.request_length = length;
    run->work.use = http ? load_client_use_http : load_client_use_echo;
    run->work.ending = options->mode == LOAD_STORM ? LOAD_WE_CLOSE
                       : options->close            ? LOAD_SERVER_CLOSES
                                                   : LOAD_KEEPS;
    return result;
}

static int prepare_clients(struct load_run *run)
{
    size_t count = (size_t)run->options->connections;
    size_t pipeline = (size_t)run->options->pipeline;

    run->clients = calloc(count, sizeof *run->clients);
    run->due_ns = calloc(count * pipeline, sizeof *run->due_ns);
    if (run->clients == NULL || run->due_ns == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        run->clients[i].work = &run->work;
        run->clients[i].due_ns = run->due_ns + i * pipeline;
    }
    return 0;
}

/* The time is up: for new requests; and, when that has been so for the grace, for answers. */
static void on_end(struct timer *timer)
{
    load_run_stop(container_of(timer, struct load_run, end));
}

static void on_signal(struct signals *signals, int number)
{
    (void)number;
    load_run_stop(container_of(signals, struct load_run, signals));
}

static int prepare_loop(struct load_run *run)
{
    const struct connection_table_config config = {
        /* Whoever stops reading because the server does not read waits for it for ever. */
        .limits = {.input_limit = 2 * ANSWER_HEAD_MOST, .output_high = SIZE_MAX, .output_low = 0},
    };
    int result = event_loop_create(&epoll_dispatcher, &run->loop);

    if (result == 0) {
        result = connection_table_create(run->loop, &config, &run->work.table);
    }
    if (result == 0) {
        result = timer_init(&run->end, run->loop, on_end);
    }
    if (result < 0) {
        return result;
    }
    result = signals_init(&run->signals, run->loop, on_signal);
    if (result < 0) {
        timer_release(&run->end);
    }
    return result;
}

static void free_memory(struct load_run *run)
{
    run->work.ended = true;
    connection_table_destroy(run->work.table);
    event_loop_destroy(run->loop);
    free(run->clients);
    free(run->due_ns);
    free(run->requests);
}

int load_run_connect(struct load_run *run, struct load_client *client)
{
    int fd = load_target_open(&run->work.target);

    if (fd < 0) {
        return fd;
    }
    int result = load_target_await(fd, (int)run->options->grace_ms);
    if (result == 0) {
        result = load_client_adopt(client, fd);
    }
    if (result < 0) {
        close(fd);
    }
    return result;
}

static int connect_first(struct load_run *run)
{
    int result = load_target_find(&run->work.target, run->options->host, run->options->port);

    return result < 0 ? result : load_run_connect(run, &run->clients[0]);
}

/* The first connection is waited for: is there a server at all? */
static int reach(struct load_run *run)
{
    int result = connect_first(run);

    if (result < 0) {
        fprintf(stderr, "load: cannot connect to %s:%ld: %s\n", run->options->host,
                run->options->port, result == -ENOENT ? "unknown host" : strerror(-result));
    }
    return result;
}

int load_run_init(struct load_run *run, const struct load_options *options,
                  void (*on_over)(struct load_client *client, bool progress))
{
    *run = (struct load_run){.options = options, .work = {.on_over = on_over}};
    if (!raise_descriptor_limit(options)) {
        return -EMFILE;
    }
    signals_block();
    int result = prepare_requests(run);
    if (result == 0) {
        result = prepare_clients(run);
    }
    if (result == 0) {
        result = prepare_loop(run);
    }
    if (result < 0) {
        fprintf(stderr, "load: %s\n", strerror(-result));
        free_memory(run);
        return result;
    }
    result = reach(run);
    if (result < 0) {
        load_run_release(run);
    }
    return result;
}

void load_run_release(struct load_run *run)
{
    timer_release(&run->end);
    signals_release(&run->signals);
    free_memory(run);
}

int load_run_execute(struct load_run *run)
{
    int result = event_loop_run(run->loop);

    run->end_ns = load_clock_ns();
    return result;
}

void load_run_stop(struct load_run *run)
{
    if (run->work.ended) {
        return;
    }
    if (!run->stopping) {
        run->stopping = true;
        run->stop_ns = load_clock_ns();
        timer_start(&run->end, (unsigned)run->options->grace_ms);
        load_run_check_end(run);
        return;
    }
    for (long i = 0; i < run->options->connections; i++) {
        load_client_give_up(&run->clients[i]);
    }
    run->work.ended = true;
    event_loop_quit(run->loop);
}

void load_run_check_end(struct load_run *run)
{
    if (run->stopping && run->work.busy == 0) {
        event_loop_quit(run->loop);
    }
}

size_t load_run_open(const struct load_run *run)
{
    return connection_table_count(run->work.table);
}

void load_run_begin_report(const struct load_run *run, FILE *stream)
{
    const struct connection_counters *counters = connection_table_counters(run->work.table);

    fprintf(stream,
            "{\"mode\":\"%s\",\"connections\":%ld,\"requests\":%" PRIu64 ",\"bytes\":%" PRIu64
            ",\"errors\":%" PRIu64 ",\"elapsed_ns\":%" PRIu64 ",",
            run->options->mode_name, run->options->connections, run->work.tally.requests,
            counter_read(&counters->bytes_in), load_tally_errors(&run->work.tally),
            run->end_ns - run->start_ns);
    load_tally_print_latency(&run->work.tally, stream);
}

void load_run_end_report(const struct load_run *run, FILE *stream)
{
    fprintf(stream, "}\n");
    fflush(stream);
    load_tally_explain(&run->work.tally, stderr);
}
