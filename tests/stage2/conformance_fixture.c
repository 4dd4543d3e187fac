#include "conformance_fixture.h"

#include <string.h>

const struct event_dispatcher *tested;
void *tested_state;

static const struct event_dispatcher *const *all;

void conformance_use(const struct event_dispatcher *const *dispatchers)
{
    all = dispatchers;
}

static void must(int result, const char *what, int fd)
{
    ck_assert_msg(result == 0, "%s: %s of descriptor %d: expected 0, got %d (%s)", tested->name,
                  what, fd, result, strerror(-result));
}

void begin(int number)
{
    tested = all[number];
    must(tested->create(&tested_state), "create", -1);
}

void end(void)
{
    tested->destroy(tested_state);
}

void add(int fd, unsigned events)
{
    must(tested->add(tested_state, fd, events), "add", fd);
}

void update(int fd, unsigned events)
{
    must(tested->update(tested_state, fd, events), "update", fd);
}

void take_out(int fd)
{
    must(tested->remove(tested_state, fd), "remove", fd);
}

void forget(int fd)
{
    if (tested->forget != NULL) {
        tested->forget(tested_state, fd);
    } else {
        take_out(fd);
    }
}

void wait_once(int timeout_ms, int capacity, struct report *ret_report)
{
    ck_assert_int_le(capacity, REPORT_CAPACITY);
    int count = tested->wait(tested_state, timeout_ms, ret_report->events, (size_t)capacity);
    ck_assert_msg(count >= 0, "%s: wait failed: %s", tested->name, strerror(-count));
    ck_assert_msg(count <= capacity, "%s: room for %d events, and %d came", tested->name, capacity,
                  count);
    ret_report->count = count;
    for (int i = 0; i < count; i++) {
        const struct ready_event *event = &ret_report->events[i];
        ck_assert_msg(event->events >= EVENT_READ && event->events <= (EVENT_READ | EVENT_WRITE),
                      "%s: descriptor %d reported with events %u", tested->name, event->fd,
                      event->events);
        /* No ck_assert for each pair: Check notes every one of them. */
        for (int j = 0; j < i; j++) {
            if (ret_report->events[j].fd == event->fd) {
                ck_abort_msg("%s: descriptor %d came twice in one wait", tested->name, event->fd);
            }
        }
    }
}

unsigned events_of(int fd, int timeout_ms)
{
    static struct report report;

    wait_once(timeout_ms, REPORT_CAPACITY, &report);
    for (int i = 0; i < report.count; i++) {
        if (report.events[i].fd == fd) {
            return report.events[i].events;
        }
    }
    return 0;
}

void assert_ready(int fd, unsigned events)
{
    unsigned got = events_of(fd, PATIENCE_MS);

    ck_assert_msg(got == events, "%s: descriptor %d: expected events %u, got %u", tested->name, fd,
                  events, got);
}

void assert_woken(int fd, unsigned events)
{
    unsigned got = events_of(fd, PATIENCE_MS);

    ck_assert_msg((got & events) == events,
                  "%s: descriptor %d: expected events %u at least, got %u", tested->name, fd,
                  events, got);
}

void assert_silent(const char *when)
{
    static struct report report;

    wait_once(0, REPORT_CAPACITY, &report);
    ck_assert_msg(report.count == 0,
                  "%s: %s: expected no event, got %d, the first of descriptor %d", tested->name,
                  when, report.count, report.events[0].fd);
}
