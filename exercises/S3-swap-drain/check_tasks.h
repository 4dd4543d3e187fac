/*
 * check_tasks: tasks that do what a check has scripted, and note what became of them.
 */
#ifndef CHECK_TASKS_H
#define CHECK_TASKS_H

#include <stddef.h>

/* What the answer declares. */
struct task {
    struct task *next;
    void (*run)(struct task *task);
    void (*drop)(struct task *task);
};

struct task_list;

int task_list_create(struct task_list **ret_list);
int task_list_post(struct task_list *list, struct task *task);
size_t task_list_run(struct task_list *list);
void task_list_close(struct task_list *list);
void task_list_destroy(struct task_list *list);

/* A task with a letter for a name. It lives until the lists are destroyed. */
struct note;
struct note {
    struct task task;
    char name;
    void (*script)(struct note *note); /* what it does while it runs; NULL: nothing */
    void (*at_drop)(struct note *note);
    struct note *older;
};

/* The list that the checks work with, and one more. */
extern struct task_list *list;
extern struct task_list *other_list;

void lists_create(void);
void lists_destroy(void);

struct note *note_create(char name, void (*script)(struct note *note));

/* The same, and posts it to `list`; expects that the list takes it. */
struct note *post(char name, void (*script)(struct note *note));
void post_note(struct note *note);

/*
 * Does what a task may do from the moment when it runs or is dropped: its `next` leads elsewhere
 * now, to a task that fails the check.
 */
void use_own_next(struct note *note);

/* Expects that the calling thread, in which the task runs or is dropped, holds no mutex. */
void expect_unlocked(const struct note *note);

/* One turn of `list`; expects so many tasks, and their names in this order since the last call. */
void expect_turn(size_t count, const char *names, const char *rule);

/* Forgets and returns what has happened: a letter for each task run, -LETTER for each dropped. */
const char *happened(void);

/* Runs a function in a thread of its own, waits for its end, and returns what it returned. */
void *in_another_thread(void *(*function)(void *argument), void *argument);

#endif
