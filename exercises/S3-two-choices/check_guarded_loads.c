#include "check_guarded_loads.h"

#include "grader.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
    char *memory;
    size_t page;
    volatile sig_atomic_t readable[GUARDED_PAGES];
    volatile sig_atomic_t written;
} table;

/*
 * The first fault of a page is a look at it, a second one a write. What is elsewhere is no business
 * of ours: back to the way such a signal ends a process, and the instruction is tried again.
 */
static void on_fault(int number, siginfo_t *info, void *context)
{
    uintptr_t offset = (uintptr_t)info->si_addr - (uintptr_t)table.memory;
    size_t page = offset / table.page;

    (void)context;
    if (page >= GUARDED_PAGES) {
        signal(number, SIG_DFL);
        return;
    }
    bool again = table.readable[page];
    table.readable[page] = 1;
    table.written |= again;
    mprotect(table.memory + page * table.page, table.page,
             again ? PROT_READ | PROT_WRITE : PROT_READ);
}

size_t guarded_loads_create(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

    table.page = (size_t)sysconf(_SC_PAGESIZE);
    void *memory = mmap(NULL, GUARDED_PAGES * table.page, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_msg(memory != MAP_FAILED, "mmap: %s", strerror(errno));
    table.memory = memory;
    sigaction(SIGSEGV, &action, NULL);
    return GUARDED_PAGES * table.page / sizeof(struct loop_load);
}

void guarded_loads_destroy(void)
{
    signal(SIGSEGV, SIG_DFL);
    munmap(table.memory, GUARDED_PAGES * table.page);
}

const struct loop_load *guarded_loads_close(void)
{
    for (size_t page = 0; page < GUARDED_PAGES; page++) {
        table.readable[page] = 0;
    }
    table.written = 0;
    mprotect(table.memory, GUARDED_PAGES * table.page, PROT_NONE);
    return (const struct loop_load *)(void *)table.memory;
}

int guarded_loads_touched(void)
{
    int touched = 0;

    for (size_t page = 0; page < GUARDED_PAGES; page++) {
        touched += table.readable[page];
    }
    return touched;
}

bool guarded_loads_written(void)
{
    return table.written;
}
