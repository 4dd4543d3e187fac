#include "check_loads.h"

#include "grader.h"

#include "selection_policy.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern const struct selection_policy least_connections;

static const char AN_INDEX[] =
    "select returns the index of a loop, also if loads change while it looks (contract, 1 and 3)";
static const char NO_WAIT[] =
    "select does not wait until it finds a load that was there before (contract, 3)";
static const char LOOKS_ONLY[] = "select changes no load, not even for a moment (contract, 3)";

enum { PAGES = 2, BEGIN = 5, MOST_CHANGES = 8, MOST_TURNS = 200 };

/*
 * One page can be read at a time and none can be written to. Who goes on to the other page finds
 * all its loads one higher than before, as if clients had come just then.
 */
static struct {
    char *memory;
    size_t page;
    size_t open; /* the page that can be read; PAGES: none */
    int turns;   /* from one page to another */
} table;

static struct loop_load *loads_on(size_t page)
{
    return (struct loop_load *)(void *)(table.memory + page * table.page);
}

static size_t loads_on_a_page(void)
{
    return table.page / sizeof(struct loop_load);
}

/*
 * The signal comes from the answer's own load or store and not from the middle of some library, so
 * that the failure can be reported from here.
 */
static void on_fault(int number, siginfo_t *info, void *context)
{
    size_t page = ((uintptr_t)info->si_addr - (uintptr_t)table.memory) / table.page;

    (void)context;
    if (page >= PAGES) {
        signal(number, SIG_DFL);
        return;
    }
    if (page == table.open) {
        grader_fail(__FILE__, __LINE__, LOOKS_ONLY,
                    "expected that it only looks; it has written to a load");
    }
    if (++table.turns > MOST_TURNS) {
        grader_fail(__FILE__, __LINE__, NO_WAIT,
                    "expected an answer after a few looks at each loop, got %d times from one half "
                    "of the loops to the other",
                    MOST_TURNS);
    }
    mprotect(table.memory, PAGES * table.page, PROT_NONE);
    if (table.turns <= MOST_CHANGES) {
        mprotect(loads_on(page), table.page, PROT_READ | PROT_WRITE);
        for (size_t i = 0; i < loads_on_a_page(); i++) {
            atomic_fetch_add(&loads_on(page)[i].connections, 1);
        }
    }
    mprotect(loads_on(page), table.page, PROT_READ);
    table.open = page;
}

static void create_table(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

    table.page = (size_t)sysconf(_SC_PAGESIZE);
    void *memory =
        mmap(NULL, PAGES * table.page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_msg(memory != MAP_FAILED, "mmap: %s", strerror(errno));
    table.memory = memory;
    table.turns = 0;
    table.open = PAGES;
    for (size_t i = 0; i < PAGES * loads_on_a_page(); i++) {
        atomic_store(&loads_on(0)[i].connections, BEGIN);
    }
    mprotect(memory, PAGES * table.page, PROT_NONE);
    sigaction(SIGSEGV, &action, NULL);
}

static void destroy_table(void)
{
    signal(SIGSEGV, SIG_DFL);
    munmap(table.memory, PAGES * table.page);
}

START_TEST(select_writes_to_no_load)
{
    struct selection_state state = {.words = {0}};
    size_t count = loads_on_a_page();

    grader_step("%zu loops, whose loads cannot be written to: select, 3 times", count);
    for (int call = 0; call < 3; call++) {
        size_t chosen = least_connections.select(loads_on(0), count, &state);
        grader_expect(chosen < count, AN_INDEX, "expected a loop below %zu, got %zu", count,
                      chosen);
    }
}
END_TEST

START_TEST(loads_may_change_between_two_looks)
{
    struct selection_state state = {.words = {0}};
    size_t count = PAGES * loads_on_a_page();

    for (int call = 0; call < 3; call++) {
        grader_step("%zu loops; clients come to each half of them when select turns to that half",
                    count);
        table.turns = 0;
        size_t chosen = least_connections.select(loads_on(0), count, &state);
        grader_expect(chosen < count, AN_INDEX, "expected a loop below %zu, got %zu", count,
                      chosen);
    }
}
END_TEST

void add_changing_load_checks(void)
{
    grader_group("loads that change", create_table, destroy_table);
    grader_add(select_writes_to_no_load);
    grader_add(loads_may_change_between_two_looks);
}
