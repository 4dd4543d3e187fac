/* ./lab run S2-dispatcher-choice my/S2-dispatcher-choice */
/* Measures the dispatchers of stage 2 beside 10 to 10,000 idle descriptors; plots into a folder. */
#include "dispatcher_choice.h"
#include "epoll_dispatcher.h"
#include "poll_dispatcher.h"
#include "select_dispatcher.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>

enum { MOST_IDLE = 10000, DISPATCHERS = 3 };

static uint64_t now_ns(void)
{
    struct timespec now;

    /* The time that this thread had the CPU: what others do counts less. */
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* Prints a row for people, and one for gnuplot. */
static void print_row(size_t idle, const struct measurement *measurements, FILE *data)
{
    const struct measurement *chosen = choose_dispatcher(measurements, DISPATCHERS);

    printf("%6zu", idle);
    fprintf(data, "%zu", idle);
    for (int i = 0; i < DISPATCHERS; i++) {
        if (measurements[i].error == 0) {
            printf(" %9.0f", measurements[i].ns_per_event);
            fprintf(data, " %.1f", measurements[i].ns_per_event);
        } else {
            printf(" %9s", "cannot");
            fprintf(data, " NaN");
        }
    }
    printf("  %s\n", chosen != NULL ? chosen->dispatcher->name : "none");
    fputc('\n', data);
}

static void plot(const char *folder)
{
    char command[1024];

    snprintf(command, sizeof command,
             "cd '%s' && command -v gnuplot >/dev/null && gnuplot -e \"set terminal svg "
             "background rgb 'white'; "
             "set output 'costs.svg'; set logscale xy; set key left; set xlabel 'idle'; "
             "set ylabel 'ns an event'; plot for [i=2:4] 'costs.dat' using 1:i with linespoints "
             "title word('poll select epoll', i - 1)\"",
             folder);
    printf("numbers: %s/costs.dat\n", folder);
    printf(system(command) == 0 ? "plot: %s/costs.svg\n" : "no plot in %s: no gnuplot\n", folder);
}

/* Opens idle descriptors until there are `count`. Returns whether that was possible. */
static bool open_idle(int *idle, size_t *opened, size_t count)
{
    while (*opened < count && (idle[*opened] = eventfd(0, EFD_CLOEXEC)) >= 0) {
        (*opened)++;
    }
    return *opened == count;
}

/* Prints the table, and writes its numbers to `data`. */
static void measure_crowds(FILE *data)
{
    static int idle[MOST_IDLE];
    size_t opened = 0;
    int ready = eventfd(1, EFD_CLOEXEC);

    puts("ns an event\n  idle      poll    select     epoll  choice");
    for (size_t count = 10; count <= MOST_IDLE; count *= 10) {
        struct measurement measurements[DISPATCHERS] = {
            {.dispatcher = &poll_dispatcher},
            {.dispatcher = &select_dispatcher},
            {.dispatcher = &epoll_dispatcher},
        };
        struct crowd crowd = {idle, count, ready, 9, 50, now_ns};
        if (ready < 0 || !open_idle(idle, &opened, count)) {
            printf("%6zu more than this process may have open: see ulimit -Hn\n", count);
            return;
        }
        measure_dispatchers(&crowd, measurements, DISPATCHERS);
        print_row(count, measurements, data);
    }
}

int main(int argc, char **argv)
{
    struct rlimit limit;
    char path[512] = "/dev/null";

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (argc > 1) {
        snprintf(path, sizeof path, "%s/costs.dat", argv[1]);
    }
    FILE *data = fopen(path, "w");
    if (data == NULL) {
        printf("no file %s, so no plot\n", path);
        argc = 1;
        data = fopen("/dev/null", "w");
    }
    measure_crowds(data);
    fclose(data);
    if (argc > 1) {
        plot(argv[1]);
    }
    return 0;
}
