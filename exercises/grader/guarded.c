#include "guarded.h"

#include "grader.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { NONSENSE = 0xDB, GAP = 1 << 16 }; /* GAP: a multiple of every common page size */

/* GAP bytes that are not there, GUARDED_MOST that are, and GAP that are not. */
static struct {
    char *memory;
    const char *rule;
    const char *start; /* of the piece */
    size_t length;
    size_t used; /* at most, of the room for pieces, by those before */
} guarded;

/*
 * The signal comes from the answer's own load or store and not from the middle of some library, so
 * that the failure can be reported from here.
 */
static void on_fault(int number, siginfo_t *info, void *context)
{
    const char *place = info->si_addr;
    const char *end = guarded.start + guarded.length;

    (void)context;
    if (place >= end && place < guarded.memory + GAP + GUARDED_MOST + GAP) {
        grader_fail(__FILE__, __LINE__, guarded.rule,
                    "expected nobody to touch what is behind the %zu bytes; byte %zu was touched "
                    "(the first is byte 0)",
                    guarded.length, (size_t)(place - guarded.start));
    }
    if (place >= guarded.memory && place < guarded.start) {
        grader_fail(__FILE__, __LINE__, guarded.rule,
                    "expected nobody to touch what is before the %zu bytes; the byte %zu before "
                    "the first was touched",
                    guarded.length, (size_t)(guarded.start - place));
    }
    signal(number, SIG_DFL);
}

static void prepare(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    size_t size = GAP + (size_t)GUARDED_MOST + GAP;
    char *memory = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ck_assert_msg(memory != MAP_FAILED, "no memory for the pieces");
    mprotect(memory + GAP, GUARDED_MOST, PROT_READ | PROT_WRITE);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    guarded.memory = memory;
}

/* So that a piece never shows anything of those before it. */
static void forget_pieces(char *room)
{
    memset(room, NONSENSE, guarded.used);
    memset(room + GUARDED_MOST - guarded.used, NONSENSE, guarded.used);
}

char *guarded_copy(const void *bytes, size_t length, enum guarded_side side, const char *rule)
{
    if (guarded.memory == NULL) {
        prepare();
        guarded.used = GUARDED_MOST;
    }
    ck_assert_msg(length <= GUARDED_MOST, "a piece of %zu bytes is too long", length);
    char *room = guarded.memory + GAP;
    forget_pieces(room);
    /* No bytes at all have no place among those that can be read. */
    char *place = side == GUARDED_END || length == 0 ? room + GUARDED_MOST - length : room;
    if (length > 0) {
        memcpy(place, bytes, length);
    }
    guarded.used = length;
    guarded.rule = rule;
    guarded.start = place;
    guarded.length = length;
    return place;
}
