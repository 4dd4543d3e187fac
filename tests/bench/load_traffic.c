#include "load_traffic.h"

#include "container_of.h"
#include "load_run.h"
#include "load_schedule.h"

#include <inttypes.h>
#include <sys/timerfd.h>

/* How long a client pauses whose connection brought nothing at all. */
enum { PAUSE_MS = 100 };

/* Clients in a row, linked through `next`. */
struct client_queue {
    struct load_client *first;
    struct load_client *last;
};

struct load_traffic {
    struct load_run run;
    struct load_schedule schedule;
    struct client_queue idle; /* open loop: nothing is due for them */
    struct client_queue pausing;
    struct timer due; /* the next request of the schedule, once */
    struct timer pause;
    bool due_is_set;
};

static void push(struct client_queue *queue, struct load_client *client)
{
    client->next = NULL;
    if (queue->first == NULL) {
        queue->first = client;
    } else {
        queue->last->next = client;
    }
    queue->last = client;
}

static struct load_client *pop(struct client_queue *queue)
{
    struct load_client *client = queue->first;

    if (client != NULL) {
        queue->first = client->next;
    }
    return client;
}

static bool is_open_loop(const struct load_traffic *traffic)
{
    return traffic->schedule.rate > 0;
}

/*
 * The loop's timers tick in milliseconds, in which ten requests come due at 10,000 a second. So this
 * one is set to the nanosecond.
 */
static void set_due_timer(struct load_traffic *traffic)
{
    uint64_t at = load_schedule_next_ns(&traffic->schedule);
    struct itimerspec spec = {
        .it_value = {.tv_sec = (time_t)(at / 1000000000), .tv_nsec = (long)(at % 1000000000)},
    };

    if (!traffic->due_is_set) {
        /* Fails only for a bad descriptor or a bad time, and both are ours. */
        timerfd_settime(traffic->due.channel.fd, TFD_TIMER_ABSTIME, &spec, NULL);
        traffic->due_is_set = true;
    }
}

/* How many requests a client may send now; their times are filled in. */
static size_t take_requests(struct load_traffic *traffic, struct load_client *client)
{
    uint64_t now_ns = client->work->now_ns;
    size_t count = (size_t)traffic->run.options->pipeline;

    if (is_open_loop(traffic)) {
        uint64_t waiting = load_schedule_waiting(&traffic->schedule, now_ns);
        count = waiting < count ? (size_t)waiting : count;
    }
    for (size_t i = 0; i < count; i++) {
        client->due_ns[i] = is_open_loop(traffic) ? load_schedule_take(&traffic->schedule) : now_ns;
    }
    return count;
}

/*
 * A connection that brought nothing, or none at all (no server any more, no free port): at once
 * again would be a spin.
 */
static void pause_client(struct load_traffic *traffic, struct load_client *client)
{
    if (traffic->pausing.first == NULL) {
        timer_start(&traffic->pause, PAUSE_MS);
    }
    push(&traffic->pausing, client);
}

static void start_next_batch(struct load_traffic *traffic, struct load_client *client)
{
    size_t count = take_requests(traffic, client);

    if (count == 0) {
        push(&traffic->idle, client);
        set_due_timer(traffic);
    } else if (!load_client_start(client, count)) {
        pause_client(traffic, client);
    }
}

static void on_over(struct load_client *client, bool progress)
{
    struct load_traffic *traffic = container_of(client->work, struct load_traffic, run.work);

    if (traffic->run.stopping) {
        load_run_check_end(&traffic->run);
    } else if (progress) {
        start_next_batch(traffic, client);
    } else {
        pause_client(traffic, client);
    }
}

static void on_due(struct timer *timer)
{
    struct load_traffic *traffic = container_of(timer, struct load_traffic, due);
    struct load_run *run = &traffic->run;

    traffic->due_is_set = false;
    run->work.now_ns = load_clock_ns();
    while (!run->stopping && traffic->idle.first != NULL &&
           load_schedule_waiting(&traffic->schedule, run->work.now_ns) > 0) {
        start_next_batch(traffic, pop(&traffic->idle));
    }
    /* A time that has passed expires at once: after the end that would be a spin. */
    if (!run->stopping && traffic->idle.first != NULL) {
        set_due_timer(traffic);
    }
}

static void on_pause_over(struct timer *timer)
{
    struct load_traffic *traffic = container_of(timer, struct load_traffic, pause);
    struct client_queue pausing = traffic->pausing;
    struct load_client *client;

    timer_stop(timer);
    traffic->pausing = (struct client_queue){0};
    traffic->run.work.now_ns = load_clock_ns();
    while (!traffic->run.stopping && (client = pop(&pausing)) != NULL) {
        start_next_batch(traffic, client);
    }
}

static int init_timers(struct load_traffic *traffic)
{
    int result = timer_init(&traffic->due, traffic->run.loop, on_due);

    if (result < 0) {
        return result;
    }
    result = timer_init(&traffic->pause, traffic->run.loop, on_pause_over);
    if (result < 0) {
        timer_release(&traffic->due);
    }
    return result;
}

static void begin(struct load_traffic *traffic)
{
    struct load_run *run = &traffic->run;
    uint64_t now_ns = load_clock_ns();

    run->start_ns = now_ns;
    run->work.now_ns = now_ns;
    traffic->schedule = (struct load_schedule){
        .start_ns = now_ns,
        .end_ns = now_ns + (uint64_t)run->options->duration_ms * 1000000,
        .rate = (uint64_t)run->options->rate,
    };
    timer_start(&run->end, (unsigned)run->options->duration_ms);
    for (long i = 0; i < run->options->connections; i++) {
        start_next_batch(traffic, &run->clients[i]);
    }
}

static void report(const struct load_traffic *traffic)
{
    load_run_begin_report(&traffic->run, stdout);
    if (is_open_loop(traffic)) {
        uint64_t late = load_schedule_waiting(&traffic->schedule, traffic->run.stop_ns);
        printf(",\"late\":%" PRIu64, late);
    }
    load_run_end_report(&traffic->run, stdout);
}

int load_traffic_run(const struct load_options *options)
{
    struct load_traffic traffic = {0};

    if (load_run_init(&traffic.run, options, on_over) < 0) {
        return 1;
    }
    int result = init_timers(&traffic);
    if (result == 0) {
        begin(&traffic);
        result = load_run_execute(&traffic.run);
        report(&traffic);
        timer_release(&traffic.pause);
        timer_release(&traffic.due);
    }
    load_run_release(&traffic.run);
    return result == 0 ? 0 : 1;
}
