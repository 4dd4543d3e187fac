/*
 * small_loop: an event loop on epoll, in one file, without channel map and dispatcher.
 *
 *     small_loop_create(&loop);
 *     small_loop_add(loop, &client->watcher, EPOLLIN);
 *     while (small_loop_turn(loop, -1) >= 0) { ... }
 *
 * The functions are the exercise; README.md has the contract. Thread: one, the loop's own.
 */
#ifndef SMALL_LOOP_H
#define SMALL_LOOP_H

#include <stdint.h>

struct small_loop;

/* Embedded in its owner. The loop borrows it from a successful add until remove. */
struct watcher {
    int fd;
    void (*on_ready)(struct watcher *watcher, uint32_t events); /* events as epoll has them */
};

/* Returns 0 or -errno. */
int small_loop_create(struct small_loop **ret_loop);

/* Watchers that are left are forgotten, their descriptors not closed. */
void small_loop_destroy(struct small_loop *loop);

/* Registers watcher->fd, level-triggered. Returns 0, or -errno: then nothing is registered. */
int small_loop_add(struct small_loop *loop, struct watcher *watcher, uint32_t events);

/* From here on the watcher is neither called nor looked at; its owner may free it at once. */
void small_loop_remove(struct small_loop *loop, struct watcher *watcher);

/*
 * Waits once, at most timeout_ms (-1: for ever), and calls on_ready of those who are ready. Returns
 * how many calls that were, 0 when a signal came, or -errno.
 */
int small_loop_turn(struct small_loop *loop, int timeout_ms);

#endif
