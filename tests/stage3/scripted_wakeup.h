/*
 * scripted_wakeup: does what another wakeup does, tells when it is used, and fails when the script
 * says so. One script a process, which is one a test.
 */
#ifndef SCRIPTED_WAKEUP_H
#define SCRIPTED_WAKEUP_H

#include "fault.h"
#include "wakeup.h"

struct wakeup_script {
    const struct wakeup *inner;
    struct fault open;
    struct fault wake;
    /* NULL, or called before every wake, on the thread that wakes, and before every clear. */
    void (*on_wake)(void);
    void (*on_clear)(void);
};

extern struct wakeup_script wakeup_script;

/* Wraps `inner`. */
const struct wakeup *scripted_wakeup(const struct wakeup *inner);

#endif
