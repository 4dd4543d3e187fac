#include "proc_status.h"

#include <check.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Reads a small file; returns its length, 0 if there is none. */
static size_t read_whole(const char *path, char *into, size_t capacity)
{
    FILE *file = fopen(path, "re");
    size_t length = file != NULL ? fread(into, 1, capacity - 1, file) : 0;

    into[length] = '\0';
    if (file != NULL) {
        fclose(file);
    }
    return length;
}

long proc_status_value(pid_t pid, const char *name)
{
    char path[64];
    char text[8192];
    char key[64];

    snprintf(path, sizeof path, "/proc/%d/status", pid);
    ck_assert_msg(read_whole(path, text, sizeof text) > 0, "cannot read %s", path);
    snprintf(key, sizeof key, "\n%s:", name);
    const char *at = strstr(text, key);
    ck_assert_msg(at != NULL, "no %s in %s", name, path);
    return strtol(at + strlen(key), NULL, 10);
}

static DIR *open_folder(pid_t pid, const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    DIR *folder = opendir(path);
    ck_assert_msg(folder != NULL, "cannot open %s", path);
    return folder;
}

size_t proc_descriptor_count(pid_t pid)
{
    DIR *folder = open_folder(pid, "fd");
    size_t count = 0;

    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    closedir(folder);
    return count;
}

int64_t proc_cpu_ns(pid_t pid)
{
    clockid_t clock;
    struct timespec used;

    ck_assert_int_eq(clock_getcpuclockid(pid, &clock), 0);
    ck_assert_int_eq(clock_gettime(clock, &used), 0);
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

size_t proc_threads_named(pid_t pid, const char *name)
{
    DIR *folder = open_folder(pid, "task");
    size_t count = 0;

    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[sizeof entry->d_name + 64];
        char comm[64];
        snprintf(path, sizeof path, "/proc/%d/task/%s/comm", pid, entry->d_name);
        read_whole(path, comm, sizeof comm);
        comm[strcspn(comm, "\n")] = '\0';
        count += strcmp(comm, name) == 0;
    }
    closedir(folder);
    return count;
}

size_t proc_tcp_unread(unsigned port, unsigned peer_port)
{
    FILE *file = fopen("/proc/net/tcp", "re");
    char line[512];
    unsigned local;
    unsigned remote;
    size_t unread;
    bool found = false;

    ck_assert_ptr_nonnull(file);
    /* "sl: local_address:port rem_address:port state tx_queue:rx_queue ...", in hexadecimal. */
    while (!found && fgets(line, sizeof line, file) != NULL) {
        found = sscanf(line, " %*d: %*x:%x %*x:%x %*x %*x:%zx", &local, &remote, &unread) == 3 &&
                local == port && remote == peer_port;
    }
    fclose(file);
    ck_assert_msg(found, "no connection between ports %u and %u", port, peer_port);
    return unread;
}
