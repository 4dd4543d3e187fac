#include "allocation_faults.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* The names that the linker's --wrap gives to the wrapper and to what it stands before. */
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_reallocarray(void *memory, size_t count, size_t size);

static bool counting;
static int left;

void allocations_fail_after(int spared)
{
    counting = true;
    left = spared;
}

void allocations_succeed(void)
{
    counting = false;
}

static bool fails(void)
{
    return counting && left-- <= 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
    return fails() ? NULL : __real_reallocarray(memory, count, size);
}
