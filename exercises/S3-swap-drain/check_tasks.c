#include "check_tasks.h"

#include "check_locks.h"
#include "grader.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_EVENTS = 4096 };

static const char TAKEN[] = "post appends a task to an open list, and returns 0 (contract, 1)";
static const char UNLOCKED[] = "the mutex is free while a task runs or is dropped (contract, 4)";

struct task_list *list;
struct task_list *other_list;

static struct note *newest;
static char events[MOST_EVENTS];
static char told[MOST_EVENTS];

void lists_create(void)
{
    ck_assert_int_eq(task_list_create(&list), 0);
    ck_assert_int_eq(task_list_create(&other_list), 0);
}

void lists_destroy(void)
{
    task_list_destroy(list);
    task_list_destroy(other_list);
    while (newest != NULL) {
        struct note *note = newest;
        newest = note->older;
        free(note);
    }
}

static void add_event(const char *prefix, char name)
{
    size_t used = strlen(events);

    grader_expect(used + 4 < sizeof events, "a turn ends (contract, 2)",
                  "%d tasks ran, and there is no end", MOST_EVENTS);
    strcat(events, prefix);
    used = strlen(events);
    events[used] = name;
    events[used + 1] = '\0';
}

static void run_note(struct task *task)
{
    struct note *note = (struct note *)task;

    add_event("", note->name);
    if (note->script != NULL) {
        note->script(note);
    }
}

static void drop_note(struct task *task)
{
    struct note *note = (struct note *)task;

    add_event("-", note->name);
    if (note->at_drop != NULL) {
        note->at_drop(note);
    }
}

struct note *note_create(char name, void (*script)(struct note *note))
{
    struct note *note = malloc(sizeof *note);

    ck_assert_ptr_nonnull(note);
    *note = (struct note){
        /* The node comes as it was left, not in order. */
        .task = {.next = (struct task *)note, .run = run_note, .drop = drop_note},
        .name = name,
        .script = script,
        .older = newest,
    };
    newest = note;
    return note;
}

static void spring(struct task *task)
{
    (void)task;
    grader_expect(false, "from run or drop on, a task's node is no longer the list's (contract, 1)",
                  "the list has looked at `next` of a task that had its turn already");
}

void use_own_next(struct note *note)
{
    static struct task trap = {.run = spring, .drop = spring};

    note->task.next = &trap;
}

void expect_unlocked(const struct note *note)
{
    grader_expect(locks_held() == 0, UNLOCKED, "task %c has its turn: its thread holds a mutex",
                  note->name);
}

void post_note(struct note *note)
{
    int result = task_list_post(list, &note->task);

    grader_expect(result == 0, TAKEN, "task %c: expected 0, got %d", note->name, result);
}

struct note *post(char name, void (*script)(struct note *note))
{
    struct note *note = note_create(name, script);

    post_note(note);
    return note;
}

const char *happened(void)
{
    memcpy(told, events, sizeof told);
    events[0] = '\0';
    return told;
}

void expect_turn(size_t count, const char *names, const char *rule)
{
    grader_step("a turn");
    size_t ran = task_list_run(list);
    const char *got = happened();
    grader_expect(strcmp(got, names) == 0, rule, "expected the tasks '%s', got '%s'", names, got);
    grader_expect(ran == count, "run returns how many tasks have run (contract, 2)",
                  "expected %zu, got %zu", count, ran);
}

void *in_another_thread(void *(*function)(void *argument), void *argument)
{
    pthread_t thread;
    void *result = NULL;

    int error = pthread_create(&thread, NULL, function, argument);
    ck_assert_msg(error == 0, "pthread_create: %s", strerror(error));
    pthread_join(thread, &result);
    return result;
}
