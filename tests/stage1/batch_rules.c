#include "batch_rules.h"

#include "container_of.h"
#include "loop_steps.h"
#include "sockets.h"

#include <unistd.h>

static const struct event_dispatcher *const *all;
static struct event_loop *loop;

/* A channel on one end of a pair. Both ends are open, and a byte from the peer waits in it. */
struct player {
    struct channel channel;
    int peer;
    int reads;
    int writes;
    void (*act)(struct player *player); /* what its on_read does; the byte stays unread */
};

static struct player first;
static struct player second;
static struct player newcomer;

static struct player *other(const struct player *player)
{
    return player == &first ? &second : &first;
}

static void on_read(struct channel *channel)
{
    struct player *player = container_of(channel, struct player, channel);

    player->reads++;
    if (player->act != NULL) {
        player->act(player);
    }
}

static void on_write(struct channel *channel)
{
    struct player *player = container_of(channel, struct player, channel);

    player->writes++;
}

static void open_player(struct player *player, void (*act)(struct player *player))
{
    int pair[2];

    stream_pair(pair);
    *player = (struct player){
        .channel = {.fd = pair[0], .on_read = on_read, .on_write = on_write},
        .peer = pair[1],
        .act = act,
    };
}

static void start(struct player *player, unsigned events)
{
    ck_assert_int_eq(event_loop_add_channel(loop, &player->channel, events), 0);
}

static void open_ready_player(struct player *player, unsigned events,
                              void (*act)(struct player *player))
{
    open_player(player, act);
    peer_sends(player->peer, "x", 1);
    start(player, events);
}

static void close_player(struct player *player)
{
    close(player->channel.fd);
    close(player->peer);
}

/* One batch in which both are ready and do `act`. */
static void both_act(int dispatcher, void (*act)(struct player *player))
{
    loop = loop_steps_create(all[dispatcher]);
    open_ready_player(&first, EVENT_READ, act);
    open_ready_player(&second, EVENT_READ, act);
    int reported = one_batch(loop);
    ck_assert_msg(reported == 2, "%s: expected both in one batch, got %d", all[dispatcher]->name,
                  reported);
}

static void assert_reads(const struct player *player, int expected, const char *who)
{
    ck_assert_msg(player->reads == expected, "%s: %s expected %d reads, got %d",
                  event_loop_dispatcher_name(loop), who, expected, player->reads);
}

static void assert_only_one_was_called(void)
{
    ck_assert_msg(first.reads + second.reads == 1, "%s: expected one call, got %d and %d",
                  event_loop_dispatcher_name(loop), first.reads, second.reads);
}

static void finish(void)
{
    close_player(&first);
    close_player(&second);
    event_loop_destroy(loop);
}

static void remove_self(struct player *player)
{
    event_loop_remove_channel(loop, &player->channel);
}

START_TEST(a_channel_may_remove_itself_and_is_not_called_again)
{
    both_act(_i, remove_self);
    ck_assert_int_eq(batch_ready_now(loop), 0);
    assert_reads(&first, 1, "the first");
    assert_reads(&second, 1, "the second");
    finish();
}
END_TEST

START_TEST(a_channel_removed_in_its_read_gets_no_write)
{
    loop = loop_steps_create(all[_i]);
    open_ready_player(&first, EVENT_READ | EVENT_WRITE, remove_self);
    one_batch(loop);
    assert_reads(&first, 1, "the channel");
    ck_assert_int_eq(first.writes, 0);
    close_player(&first);
    event_loop_destroy(loop);
}
END_TEST

static void remove_other(struct player *player)
{
    event_loop_remove_channel(loop, &other(player)->channel);
}

START_TEST(a_channel_removed_inside_a_batch_gets_no_event)
{
    both_act(_i, remove_other);
    assert_only_one_was_called();
    finish();
}
END_TEST

/* The classic bug: the new channel has the number that the old event speaks of. */
static void move_in(int number)
{
    open_player(&newcomer, NULL);
    if (newcomer.channel.fd != number) {
        ck_assert_int_eq(dup2(newcomer.channel.fd, number), number);
        close(newcomer.channel.fd);
        newcomer.channel.fd = number;
    }
    start(&newcomer, EVENT_READ);
}

static void replace_other(struct player *player)
{
    struct channel *gone = &other(player)->channel;

    event_loop_remove_channel(loop, gone);
    close(gone->fd);
    move_in(gone->fd);
    player->act = NULL;
}

/* As replace_other, but the way a connection goes that is closed at once. */
static void forget_and_replace_other(struct player *player)
{
    struct channel *gone = &other(player)->channel;

    event_loop_forget_channel(loop, gone);
    close(gone->fd);
    move_in(gone->fd);
    player->act = NULL;
}

static void finish_replaced(void)
{
    struct player *gone = first.reads == 0 ? &first : &second;

    close_player(other(gone));
    close(gone->peer); /* its descriptor is the newcomer's now */
    close_player(&newcomer);
    event_loop_destroy(loop);
}

START_TEST(a_descriptor_reused_inside_a_batch_gets_no_stale_event)
{
    both_act(_i, replace_other);
    assert_only_one_was_called();
    assert_reads(&newcomer, 0, "the newcomer");
    finish_replaced();
}
END_TEST

START_TEST(a_descriptor_reused_inside_a_batch_gets_its_own_events_afterwards)
{
    both_act(_i, replace_other);
    peer_sends(newcomer.peer, "x", 1);
    one_batch(loop);
    assert_reads(&newcomer, 1, "the newcomer");
    finish_replaced();
}
END_TEST

START_TEST(a_forgotten_and_closed_descriptor_may_be_reused_inside_the_batch)
{
    both_act(_i, forget_and_replace_other);
    assert_only_one_was_called();
    assert_reads(&newcomer, 0, "the newcomer");
    peer_sends(newcomer.peer, "x", 1);
    one_batch(loop);
    assert_reads(&newcomer, 1, "the newcomer");
    finish_replaced();
}
END_TEST

static void add_newcomer(struct player *player)
{
    open_ready_player(&newcomer, EVENT_READ, NULL);
    player->act = NULL;
    other(player)->act = NULL;
}

START_TEST(a_channel_added_while_dispatching_is_called_from_the_next_batch_on)
{
    both_act(_i, add_newcomer);
    assert_reads(&newcomer, 0, "the newcomer");
    one_batch(loop);
    assert_reads(&newcomer, 1, "the newcomer");
    close_player(&newcomer);
    finish();
}
END_TEST

static void silence_other(struct player *player)
{
    ck_assert_int_eq(event_loop_update_channel(loop, &other(player)->channel, 0), 0);
}

START_TEST(a_channel_whose_interest_went_to_0_inside_a_batch_gets_no_event)
{
    both_act(_i, silence_other);
    assert_only_one_was_called();
    finish();
}
END_TEST

static void want_no_write(struct player *player)
{
    ck_assert_int_eq(event_loop_update_channel(loop, &player->channel, EVENT_READ), 0);
}

START_TEST(an_interest_given_up_in_the_read_takes_the_write_of_the_batch_along)
{
    loop = loop_steps_create(all[_i]);
    open_ready_player(&first, EVENT_READ | EVENT_WRITE, want_no_write);
    one_batch(loop);
    assert_reads(&first, 1, "the channel");
    ck_assert_int_eq(first.writes, 0);
    close_player(&first);
    event_loop_destroy(loop);
}
END_TEST

START_TEST(read_and_write_of_one_channel_both_come)
{
    loop = loop_steps_create(all[_i]);
    open_ready_player(&first, EVENT_READ | EVENT_WRITE, NULL);
    one_batch(loop);
    assert_reads(&first, 1, "the channel");
    ck_assert_int_eq(first.writes, 1);
    close_player(&first);
    event_loop_destroy(loop);
}
END_TEST

void batch_rules_add(Suite *suite, const struct event_dispatcher *const *dispatchers, int count)
{
    const TTest *const rules[] = {
        a_channel_may_remove_itself_and_is_not_called_again,
        a_channel_removed_in_its_read_gets_no_write,
        a_channel_removed_inside_a_batch_gets_no_event,
        a_descriptor_reused_inside_a_batch_gets_no_stale_event,
        a_descriptor_reused_inside_a_batch_gets_its_own_events_afterwards,
        a_forgotten_and_closed_descriptor_may_be_reused_inside_the_batch,
        a_channel_added_while_dispatching_is_called_from_the_next_batch_on,
        a_channel_whose_interest_went_to_0_inside_a_batch_gets_no_event,
        an_interest_given_up_in_the_read_takes_the_write_of_the_batch_along,
        read_and_write_of_one_channel_both_come,
    };
    TCase *batch = tcase_create("batch rules");

    all = dispatchers;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        tcase_add_loop_test(batch, rules[i], 0, count);
    }
    suite_add_tcase(suite, batch);
}
