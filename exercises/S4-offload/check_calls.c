#include "check_calls.h"

#include "grader.h"
#include "scripted_stage.h"

#include <string.h>

const char RULE_THREADS[] = "work runs on a worker; find and finish run on the loop's thread, and "
                            "that alone (contract, 2 and 3)";
const char RULE_ONCE[] =
    "work once, then finish at most once, then release once (contract, 2 to 5)";
const char RULE_GONE[] = "whether the client is still there is asked by its id, when the work is "
                         "done; if not, nobody is told (contract, 4)";
const char RULE_REFERENCE[] = "the mailbox is used under a reference, and each one is given back "
                              "(contract, 6)";
const char RULE_REFUSED[] = "if a call cannot be taken the result is -errno and nothing has "
                            "happened: the data is still the caller's (contract, 1)";

struct test test;

void set_up_calls(void)
{
    memset(&test, 0, sizeof test);
    sem_init(&test.working, 0, 0);
    sem_init(&test.go_on, 0, 0);
    test.next_id = 100;
    for (int i = 0; i < CALLS; i++) {
        test.data[i].number = i;
        test.data[i].status = 1;
    }
    stage_begin(CALLS);
}

struct client *open_client(void)
{
    for (int i = 0; i < SLOTS; i++) {
        if (test.table[i].id == 0) {
            test.table[i] = (struct client){.id = test.next_id++};
            return &test.table[i];
        }
    }
    ck_abort_msg("no free slot");
}

void close_client(struct client *client)
{
    client->id = 0;
}

static void *find(void *table, uint64_t id)
{
    struct client *clients = table;

    test.finds++;
    test.found_off_loop = test.found_off_loop || on_worker_thread();
    test.asked_a_gone_table = test.asked_a_gone_table || test.table_is_gone;
    for (int i = 0; i < SLOTS; i++) {
        if (clients[i].id == id && id != 0) {
            return &clients[i];
        }
    }
    return NULL;
}

static void work(void *argument)
{
    struct data *data = argument;

    data->works++;
    data->wrong_thread = data->wrong_thread || !on_worker_thread();
}

void work_gated(void *argument)
{
    work(argument);
    sem_post(&test.working);
    sem_wait(&test.go_on);
}

static void finish(void *connection, void *argument, int status)
{
    struct client *client = connection;
    struct data *data = argument;

    data->finishes++;
    data->status = status;
    data->told = client;
    data->wrong_thread = data->wrong_thread || on_worker_thread() || data->releases > 0;
    client->answers++;
    client->last_answer = data->number;
    if (test.in_finish != NULL) {
        test.in_finish(client);
    }
}

static void release(void *argument)
{
    struct data *data = argument;

    data->releases++;
}

struct blocking_call make_call(const struct client *client, int number)
{
    return (struct blocking_call){
        .connection = client->id,
        .data = &test.data[number],
        .work = work,
        .find = find,
        .table = test.table,
        .finish = finish,
        .release = release,
    };
}

void call(const struct client *client, int number)
{
    test.calls[number] = make_call(client, number);
    int result = offload(stage_workers(), stage_mailbox(), &test.calls[number]);

    grader_expect(result == 0, RULE_REFUSED, "offload, call %d: expected 0, got %d", number,
                  result);
}

void expect_counts(int number, int works, int finishes, int releases)
{
    const struct data *data = &test.data[number];

    grader_expect(stage_misdeed() == NULL, RULE_REFERENCE, "expected no such thing, got: %s",
                  stage_misdeed());
    grader_expect(!data->wrong_thread && !test.found_off_loop, RULE_THREADS,
                  "call %d: expected each function on its thread and before release, got one that "
                  "was not",
                  number);
    grader_expect(data->works == works && data->finishes == finishes && data->releases == releases,
                  RULE_ONCE,
                  "call %d: expected work %d, finish %d, release %d times; got %d, %d, %d", number,
                  works, finishes, releases, data->works, data->finishes, data->releases);
}
