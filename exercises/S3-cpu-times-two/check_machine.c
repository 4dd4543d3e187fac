#include "check_machine.h"

#include "grader.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static const char NO_ANSWER[] =
    "if the kernel gives no answer, the mask counts as one CPU (contract, 4)";

/* An answer tries larger sets some ten or twenty times; one that never stops has asked this often. */
enum { MOST_QUESTIONS = 1000 };

static struct {
    bool pretended;
    size_t possible;
    int online;
    cpu_set_t allowed[MACHINE_MOST_CPUS / CPU_SETSIZE];
    int error; /* 0, or the errno of every call */
    int questions;
} machine;

/* As the kernel and glibc do it. Returns 0 or an errno. */
static int answer(size_t size, cpu_set_t *set)
{
    machine.questions++;
    grader_expect(machine.questions < MOST_QUESTIONS, NO_ANSWER,
                  "expected that it stops asking; it has asked %d times", MOST_QUESTIONS);
    if (machine.error != 0) {
        return machine.error;
    }
    if (size * 8 < machine.possible || size % sizeof(long) != 0) {
        return EINVAL;
    }
    memset(set, 0, size);
    memcpy(set, machine.allowed, size < sizeof machine.allowed ? size : sizeof machine.allowed);
    return 0;
}

int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
    if (!machine.pretended) {
        long written = syscall(SYS_sched_getaffinity, pid, size, set);
        if (written >= 0) {
            memset((char *)set + written, 0, size - (size_t)written);
        }
        return written < 0 ? -1 : 0;
    }
    errno = answer(size, set);
    return errno == 0 ? 0 : -1;
}

int pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t *set)
{
    (void)thread;
    if (!machine.pretended) {
        return sched_getaffinity(0, size, set) < 0 ? errno : 0;
    }
    return answer(size, set);
}

int get_nprocs(void)
{
    return machine.pretended ? machine.online : (int)sysconf(_SC_NPROCESSORS_ONLN);
}

int get_nprocs_conf(void)
{
    return machine.pretended ? machine.online : (int)sysconf(_SC_NPROCESSORS_CONF);
}

void machine_pretend(size_t possible, int online)
{
    grader_step("a machine with %d CPUs, numbers below %zu", online, possible);
    memset(&machine, 0, sizeof machine);
    machine.possible = possible;
    machine.online = online;
    machine.pretended = true;
}

void machine_allow(size_t cpu)
{
    grader_step("this process may run on CPU %zu", cpu);
    CPU_SET_S(cpu, sizeof machine.allowed, machine.allowed);
}

void machine_pretend_all(size_t cpus)
{
    machine_pretend(cpus, (int)cpus);
    grader_step("this process may run on all of them");
    for (size_t cpu = 0; cpu < cpus; cpu++) {
        CPU_SET_S(cpu, sizeof machine.allowed, machine.allowed);
    }
}

void machine_refuse(int error)
{
    grader_step("the kernel answers every question for the mask with '%s'", strerror(error));
    machine.error = error;
}

void machine_restore(void)
{
    machine.pretended = false;
}
