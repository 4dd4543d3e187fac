#include "scripted_wakeup.h"

#include <stddef.h>

struct wakeup_script wakeup_script;

static int open_ends(int *ret_read_fd, int *ret_write_fd)
{
    int error = fault_next(&wakeup_script.open);

    return error != 0 ? error : wakeup_script.inner->open(ret_read_fd, ret_write_fd);
}

static int wake(int write_fd)
{
    if (wakeup_script.on_wake != NULL) {
        wakeup_script.on_wake();
    }
    int error = fault_next(&wakeup_script.wake);
    return error != 0 ? error : wakeup_script.inner->wake(write_fd);
}

static void clear(int read_fd)
{
    if (wakeup_script.on_clear != NULL) {
        wakeup_script.on_clear();
    }
    wakeup_script.inner->clear(read_fd);
}

static const struct wakeup table = {
    .name = "scripted",
    .open = open_ends,
    .wake = wake,
    .clear = clear,
};

const struct wakeup *scripted_wakeup(const struct wakeup *inner)
{
    wakeup_script.inner = inner;
    return &table;
}
