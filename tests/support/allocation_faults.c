#include "allocation_faults.h"

#include <stdatomic.h>
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

/* Of whatever thread allocates. */
static atomic_bool counting;
static atomic_int left;

void allocations_fail_after(int spared)
{
    atomic_store(&left, spared);
    atomic_store(&counting, true);
}

void allocations_succeed(void)
{
    atomic_store(&counting, false);
}

static bool fails(void)
{
    return atomic_load(&counting) && atomic_fetch_sub(&left, 1) <= 0;
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
