#include "moved_memory.h"

#include <check.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PLACES = 2 };

static char *places[PLACES];
static unsigned turn;

/* Room for the bytes, and a page behind them that stays unreadable. */
static char *map_place(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *place =
        mmap(NULL, MOVED_MEMORY_MOST + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ck_assert_msg(place != MAP_FAILED, "no memory for the input");
    return place;
}

static void protect(char *place, int protection)
{
    ck_assert_int_eq(mprotect(place, MOVED_MEMORY_MOST, protection), 0);
}

const char *moved_memory(const void *bytes, size_t length)
{
    ck_assert_msg(length <= MOVED_MEMORY_MOST, "%zu bytes are too many for moved_memory", length);
    for (int i = 0; i < PLACES; i++) {
        places[i] = places[i] != NULL ? places[i] : map_place();
    }
    protect(places[turn % PLACES], PROT_NONE);
    turn++;
    char *place = places[turn % PLACES];
    protect(place, PROT_READ | PROT_WRITE);
    char *start = place + MOVED_MEMORY_MOST - length;
    memcpy(start, bytes, length);
    return start;
}
