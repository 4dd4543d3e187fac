/* The grader of S2-edge-triggered, the part about the end of a stream. */
#include "check_client.h"
#include "check_kernel.h"
#include "grader.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char END[] = "the end is told once, after the last byte: on_end with 0, or with the "
                          "errno of the read (contract, 5)";
static const char NO_MORE[] = "from the call of on_end on, the source is not looked at and its "
                              "descriptor not watched (contract, 5)";

enum { BUDGET = 1000 };

static void create(void)
{
    create_reader(BUDGET);
}

static void expect_end(const struct client *client, int error)
{
    grader_expect(client->received == client->sent, NOTHING_IS_LOST,
                  "%s: expected all of %zu bytes before the end, got %zu", client->name,
                  client->sent, client->received);
    grader_expect(client->ends == 1, END, "%s: expected on_end once, got it %d times", client->name,
                  client->ends);
    grader_expect(client->error == error, END, "%s: expected on_end with error %d, got %d",
                  client->name, error, client->error);
}

/* What is sent before the end, in one edge with it. */
static const size_t lengths[] = {0, 10, BUDGET - 1, BUDGET, BUDGET + 1, 2 * BUDGET + 500};

START_TEST(the_end_may_come_in_one_edge_with_the_last_bytes)
{
    struct client ann;

    client_start(&ann, "Ann");
    client_says(&ann, lengths[_i]);
    client_hangs_up(&ann);
    for (size_t i = 0; i < lengths[_i] / BUDGET; i++) {
        turn(-1);
        grader_expect(ann.received == (i + 1) * BUDGET, SHARE,
                      "Ann: expected %zu bytes so far, got %zu", (i + 1) * BUDGET, ann.received);
    }
    turn(-1);
    grader_step("a turn more, should the reader want to see the end in a turn of its own");
    turn(-1);
    expect_end(&ann, 0);
    turn(0);
    expect_end(&ann, 0);
    client_release(&ann);
}
END_TEST

START_TEST(a_reset_is_told_with_its_errno)
{
    struct client ann;

    client_start(&ann, "Ann");
    grader_step("the peer of Ann closes without having read what Ann sent: that is a reset");
    ck_assert_int_eq((int)send(ann.source.fd, "x", 1, MSG_NOSIGNAL), 1);
    client_hangs_up(&ann);
    turn(0);
    turn(0);
    expect_end(&ann, ECONNRESET);
    turn(0);
    expect_end(&ann, ECONNRESET);
    client_release(&ann);
}
END_TEST

START_TEST(any_other_error_is_an_end_too)
{
    static const int errors[] = {EIO, ETIMEDOUT, EHOSTUNREACH, ENOBUFS};
    struct client ann;

    client_start(&ann, "Ann");
    client_says(&ann, 10);
    turn(0);
    turn(0);
    grader_step("the next read fails with errno %d", errors[_i]);
    client_hangs_up(&ann);
    kernel_disturb_reads(errors[_i], 1);
    turn(0);
    turn(0);
    expect_end(&ann, errors[_i]);
    client_release(&ann);
}
END_TEST

/* The descriptor stays open, so that the kernel would go on reporting. */
static void expect_not_watched(const struct client *client)
{
    grader_expect(kernel_seen[client->source.fd].last_operation == EPOLL_CTL_DEL, NO_MORE,
                  "%s: expected that its descriptor was taken out of the set before on_end",
                  client->name);
}

static void free_client(struct client *client)
{
    expect_not_watched(client);
    free(client);
}

/* On the heap, so that the address sanitizer sees who looks at it. */
START_TEST(after_the_end_the_source_is_left_alone)
{
    struct client *ann = malloc(sizeof *ann);
    struct client talker;

    ck_assert_ptr_nonnull(ann);
    client_start(&talker, "the talker");
    client_start(ann, "Ann");
    int fd = ann->source.fd, peer = ann->peer;
    ann->act_at_end = free_client;
    client_says(&talker, 3 * BUDGET);
    client_says(ann, 2 * BUDGET);
    grader_step("the peer of Ann shuts its side down; Ann frees her source in on_end");
    ck_assert_int_eq(shutdown(peer, SHUT_WR), 0);
    for (int i = 0; i < 4; i++) {
        turn(0);
    }
    grader_step("the peer closes for good: Ann's descriptor is still open");
    close(peer);
    turn(0);
    turn(0);
    expect_received(&talker, 3 * BUDGET, NOTHING_IS_LOST);
    grader_expect(close(fd) == 0, "the reader never closes a descriptor (contract, 5)",
                  "expected that Ann's descriptor is open; it is closed");
    client_release(&talker);
}
END_TEST

static struct client newcomer;

static void make_room_for_newcomer(struct client *client)
{
    close(client->source.fd);
    client_start(&newcomer, "the newcomer");
    client_says(&newcomer, 2 * BUDGET);
}

START_TEST(the_number_may_be_used_again_at_once)
{
    struct client ann;

    client_start(&ann, "Ann");
    int fd = ann.source.fd;
    ann.act_at_end = make_room_for_newcomer;
    client_says(&ann, 10);
    client_hangs_up(&ann);
    for (int i = 0; i < 2 && ann.ends == 0; i++) {
        turn(0);
    }
    expect_end(&ann, 0);
    ck_assert_int_eq(newcomer.source.fd, fd);
    turn(0);
    expect_received(&newcomer, BUDGET, SHARE);
    turn(0);
    expect_received(&newcomer, 2 * BUDGET, NOTHING_IS_LOST);
    client_release(&newcomer);
}
END_TEST

void add_end_checks(void)
{
    grader_group("the end of a stream", create, destroy_reader);
    grader_add_loop(the_end_may_come_in_one_edge_with_the_last_bytes, 0,
                    sizeof lengths / sizeof *lengths);
    grader_add(a_reset_is_told_with_its_errno);
    grader_add_loop(any_other_error_is_an_end_too, 0, 4);
    grader_add(after_the_end_the_source_is_left_alone);
    grader_add(the_number_may_be_used_again_at_once);
}
