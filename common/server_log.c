#include "server_log.h"

#include <errno.h>
#include <string.h>
#include <sys/select.h>

void server_log_refused(struct log_limit *limit, int fd, int error)
{
    unsigned suppressed;

    if (!log_limit_allows(limit, &suppressed)) {
        return;
    }
    if (error == ERANGE) {
        log_warn(
            "connection closed: descriptor %d is not below %d (FD_SETSIZE), the limit of select; "
            "use another dispatcher (%u more like this)",
            fd, FD_SETSIZE, suppressed);
    } else {
        log_warn("connection closed: cannot take on descriptor %d: %s (%u more like this)", fd,
                 strerror(error), suppressed);
    }
}

void server_log_pause(int error)
{
    if (error != 0) {
        log_warn("accepting pauses: %s; trying again every 100 ms", strerror(error));
    } else {
        log_info("accepting goes on");
    }
}

void server_log_ending(int signal_number)
{
    log_info("%s: ending; once more to exit at once", strsignal(signal_number));
}

void server_log_drained(size_t cut_off)
{
    if (cut_off > 0) {
        log_warn("connections cut off at the end of the drain time: %zu", cut_off);
    }
}
