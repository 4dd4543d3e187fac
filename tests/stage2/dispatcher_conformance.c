#include "dispatcher_conformance.h"

#include "conformance_fixture.h"
#include "sockets.h"

#include <sys/socket.h>
#include <unistd.h>

static int near; /* watched */
static int far;  /* its peer */

static void begin_with_stream(int number)
{
    int pair[2];

    begin(number);
    stream_pair(pair);
    near = pair[0];
    far = pair[1];
}

START_TEST(a_descriptor_is_readable_when_a_byte_is_there)
{
    begin_with_stream(_i);
    add(near, EVENT_READ);
    assert_silent("before the byte");
    peer_sends(far, "x", 1);
    assert_ready(near, EVENT_READ);
    end();
}
END_TEST

START_TEST(a_byte_that_nobody_reads_is_reported_again)
{
    begin_with_stream(_i);
    add(near, EVENT_READ);
    peer_sends(far, "x", 1);
    assert_ready(near, EVENT_READ);
    assert_ready(near, EVENT_READ);
    char byte;
    peer_reads(near, &byte, 1);
    assert_silent("after the read");
    end();
}
END_TEST

START_TEST(a_descriptor_is_writable_while_there_is_room)
{
    begin_with_stream(_i);
    add(near, EVENT_WRITE);
    assert_ready(near, EVENT_WRITE);
    fill(near, 0);
    assert_silent("without room");
    while (peer_reads_pattern_now(far, 0) == 0) {
    }
    end();
}
END_TEST

START_TEST(both_at_once_are_one_event)
{
    begin_with_stream(_i);
    add(near, EVENT_READ | EVENT_WRITE);
    assert_ready(near, EVENT_WRITE);
    peer_sends(far, "x", 1);
    assert_ready(near, EVENT_READ | EVENT_WRITE);
    fill(near, 0);
    assert_ready(near, EVENT_READ);
    end();
}
END_TEST

START_TEST(only_what_was_asked_for_is_reported)
{
    begin_with_stream(_i);
    peer_sends(far, "x", 1);
    add(near, EVENT_WRITE);
    assert_ready(near, EVENT_WRITE);
    update(near, EVENT_READ);
    assert_ready(near, EVENT_READ);
    update(near, EVENT_READ | EVENT_WRITE);
    assert_ready(near, EVENT_READ | EVENT_WRITE);
    update(near, EVENT_WRITE);
    assert_ready(near, EVENT_WRITE);
    end();
}
END_TEST

START_TEST(a_removed_descriptor_is_not_reported)
{
    begin_with_stream(_i);
    add(near, EVENT_READ | EVENT_WRITE);
    peer_sends(far, "x", 1);
    assert_ready(near, EVENT_READ | EVENT_WRITE);
    take_out(near);
    assert_silent("after remove");
    end();
}
END_TEST

START_TEST(a_removed_descriptor_may_be_added_again)
{
    begin_with_stream(_i);
    peer_sends(far, "x", 1);
    for (int i = 0; i < 3; i++) {
        add(near, EVENT_READ);
        assert_ready(near, EVENT_READ);
        take_out(near);
        assert_silent("after remove");
    }
    end();
}
END_TEST

/* Moves a fresh pair's end to the number of `near`, which was closed: the kernel would do so, too.
 */
static void reuse_near(void)
{
    int pair[2];

    close(far);
    stream_pair(pair);
    far = pair[1];
    if (pair[0] != near) {
        ck_assert_int_eq(dup2(pair[0], near), near);
        close(pair[0]);
    }
}

START_TEST(a_number_may_be_used_again_after_forget_and_close)
{
    begin_with_stream(_i);
    for (int i = 0; i < 3; i++) {
        add(near, EVENT_READ);
        peer_sends(far, "x", 1);
        assert_ready(near, EVENT_READ);
        forget(near);
        close(near);
        reuse_near();
        peer_sends(far, "x", 1);
        assert_silent("a new descriptor under the old number");
    }
    end();
}
END_TEST

START_TEST(a_number_may_be_used_again_when_it_was_closed_before_remove)
{
    begin_with_stream(_i);
    add(near, EVENT_READ);
    close(near);
    /* There is nothing left to remove; a dispatcher may complain, but it must not remember. */
    tested->remove(tested_state, near);
    reuse_near();
    assert_silent("a new descriptor under the old number");
    add(near, EVENT_READ);
    assert_silent("before the byte");
    peer_sends(far, "x", 1);
    assert_ready(near, EVENT_READ);
    end();
}
END_TEST

START_TEST(two_states_know_nothing_of_each_other)
{
    void *first_state;

    begin_with_stream(_i);
    first_state = tested_state;
    ck_assert_int_eq(tested->create(&tested_state), 0);
    peer_sends(far, "x", 1);
    add(near, EVENT_READ);
    assert_ready(near, EVENT_READ);
    void *second_state = tested_state;
    tested_state = first_state;
    assert_silent("the first state, while the second one watches");
    tested->destroy(first_state);
    tested_state = second_state;
    assert_ready(near, EVENT_READ);
    end();
}
END_TEST

START_TEST(destroy_leaves_the_descriptors_and_takes_its_own)
{
    int before = open_descriptors();

    begin_with_stream(_i);
    add(near, EVENT_READ);
    end();
    ck_assert(descriptor_is_open(near));
    ck_assert_msg(open_descriptors() == before + 2, "%s: %d descriptors leak", tested->name,
                  open_descriptors() - before - 2);
}
END_TEST

START_TEST(interest_0_is_not_watched)
{
    begin_with_stream(_i);
    peer_sends(far, "x", 1);
    add(near, 0);
    assert_silent("added with interest 0");
    update(near, EVENT_READ);
    assert_ready(near, EVENT_READ);
    update(near, 0);
    assert_silent("updated to interest 0");
    update(near, 0);
    assert_silent("updated to interest 0 twice");
    update(near, EVENT_READ | EVENT_WRITE);
    assert_ready(near, EVENT_READ | EVENT_WRITE);
    update(near, 0);
    take_out(near);
    assert_silent("removed with interest 0");
    end();
}
END_TEST

START_TEST(interest_0_does_not_hear_of_a_hang_up_either)
{
    begin_with_stream(_i);
    add(near, EVENT_READ);
    update(near, 0);
    close(far);
    assert_silent("interest 0 and a peer that hung up");
    update(near, EVENT_READ);
    assert_woken(near, EVENT_READ);
    end();
}
END_TEST

static void begin_with_reset(int number, unsigned events)
{
    int pair[2];

    begin(number);
    tcp_pair(pair);
    near = pair[0];
    add(near, events);
    peer_resets(pair[1]);
    await_readable(near);
}

START_TEST(interest_0_does_not_hear_of_a_reset_either)
{
    begin_with_reset(_i, 0);
    assert_silent("interest 0 and a peer that reset");
    update(near, EVENT_READ);
    assert_woken(near, EVENT_READ);
    end();
}
END_TEST

/* Whoever waits only to write must learn that nobody is there, too: its write yields the errno. */
START_TEST(a_reset_wakes_both_kinds_of_interest)
{
    for (unsigned events = EVENT_READ; events <= (EVENT_READ | EVENT_WRITE); events++) {
        begin_with_reset(_i, events);
        assert_woken(near, events);
        end();
    }
}
END_TEST

START_TEST(a_hang_up_wakes_both_kinds_of_interest)
{
    for (unsigned events = EVENT_READ; events <= (EVENT_READ | EVENT_WRITE); events++) {
        begin_with_stream(_i);
        fill(near, 0);
        add(near, events);
        assert_silent("before the hang-up");
        close(far);
        assert_woken(near, events);
        end();
    }
}
END_TEST

START_TEST(a_pipe_without_a_reader_wakes_its_writer)
{
    int ends[2];

    begin(_i);
    ck_assert_int_eq(pipe(ends), 0);
    add(ends[1], EVENT_WRITE);
    close(ends[0]);
    assert_woken(ends[1], EVENT_WRITE);
    end();
}
END_TEST

START_TEST(a_pipe_without_a_writer_wakes_its_reader)
{
    int ends[2];

    begin(_i);
    ck_assert_int_eq(pipe(ends), 0);
    add(ends[0], EVENT_READ);
    close(ends[1]);
    assert_woken(ends[0], EVENT_READ);
    end();
}
END_TEST

START_TEST(a_half_close_wakes_the_reader)
{
    begin_with_stream(_i);
    add(near, EVENT_READ);
    ck_assert_int_eq(shutdown(far, SHUT_WR), 0);
    assert_woken(near, EVENT_READ);
    end();
}
END_TEST

void dispatcher_conformance_add(Suite *suite, const struct event_dispatcher *const *dispatchers,
                                int count)
{
    const TTest *const readiness[] = {
        a_descriptor_is_readable_when_a_byte_is_there,
        a_byte_that_nobody_reads_is_reported_again,
        a_descriptor_is_writable_while_there_is_room,
        both_at_once_are_one_event,
        only_what_was_asked_for_is_reported,
        two_states_know_nothing_of_each_other,
        NULL,
    };
    const TTest *const removal[] = {
        a_removed_descriptor_is_not_reported,
        a_removed_descriptor_may_be_added_again,
        a_number_may_be_used_again_after_forget_and_close,
        a_number_may_be_used_again_when_it_was_closed_before_remove,
        destroy_leaves_the_descriptors_and_takes_its_own,
        NULL,
    };
    const TTest *const no_interest[] = {
        interest_0_is_not_watched,
        interest_0_does_not_hear_of_a_hang_up_either,
        interest_0_does_not_hear_of_a_reset_either,
        NULL,
    };
    const TTest *const trouble[] = {
        a_reset_wakes_both_kinds_of_interest,
        a_hang_up_wakes_both_kinds_of_interest,
        a_pipe_without_a_reader_wakes_its_writer,
        a_pipe_without_a_writer_wakes_its_reader,
        a_half_close_wakes_the_reader,
        NULL,
    };

    conformance_use(dispatchers);
    conformance_add_case(suite, "readiness", readiness, count);
    conformance_add_case(suite, "removal", removal, count);
    conformance_add_case(suite, "interest 0", no_interest, count);
    conformance_add_case(suite, "trouble", trouble, count);
    conformance_waiting_add(suite, count);
    conformance_many_add(suite, count);
}
