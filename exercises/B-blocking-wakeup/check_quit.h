/* check_quit: the checks of B-blocking-wakeup about loop_quit and about two loops. */
#ifndef CHECK_QUIT_H
#define CHECK_QUIT_H

/* What the program defines. */
struct loop;
struct loop *loop_create(void);
int loop_post(struct loop *loop, void (*run)(void *argument), void *argument);
void loop_quit(struct loop *loop);
void loop_run(struct loop *loop);
void loop_destroy(struct loop *loop);

/* In check_wakeup.c: the loop, and how many tasks it has run (on the loop's thread only). */
extern struct loop *loop;
extern int ran;

/* Posts to it; expects that it takes the task. */
void post_here(void (*run)(void *argument), void *argument);

/* Posts tasks with these numbers, which have to run in this order. */
void post_numbers(int from, int below);

/* A task that quits. */
void quit(void *argument);

void expect_ran(int expected);

void add_quit_checks(void);

#endif
