#include "server_process.h"

#include "integration.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 24, SERVERS_MAX = 16 };

static int log_fd = -1;
static off_t log_mark;
static struct server_process servers[SERVERS_MAX];
static int server_count;

void server_log_create(void)
{
    log_fd = memfd_create("server-log", MFD_CLOEXEC);
    if (log_fd < 0 || fcntl(log_fd, F_SETFL, O_APPEND) < 0) {
        perror("memfd_create");
        exit(2);
    }
}

static off_t log_end(void)
{
    return lseek(log_fd, 0, SEEK_END);
}

void server_log_mark(void)
{
    log_mark = log_end();
}

/* Without Check's assertions: it is also called when no test runs. */
static char *read_log_from(off_t start)
{
    size_t length = (size_t)(log_end() - start);
    char *text = malloc(length + 1);

    if (text == NULL) {
        abort();
    }
    ssize_t n = pread(log_fd, text, length, start);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

void server_log_show(void)
{
    char *text = read_log_from(0);

    if (*text != '\0') {
        fprintf(stderr, "What the servers of the failed tests wrote:\n%s", text);
    }
    free(text);
}

static void become_server(const struct server_launch *launch, const char *const words[],
                          int output_fd, pid_t parent)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(126); /* The test died before it could take us along. */
    }
    if (launch->descriptor_limit != 0) {
        struct rlimit limit = {launch->descriptor_limit, launch->descriptor_limit};
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (dup2(null_fd, STDIN_FILENO) < 0 || dup2(output_fd, STDOUT_FILENO) < 0 ||
        dup2(log_fd, STDERR_FILENO) < 0) {
        _exit(126);
    }
    /* Whatever else this process was born with would count as the server's. */
    syscall(SYS_close_range, 3U, ~0U, 0U);
    execv(words[0], (char *const *)(uintptr_t)words);
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", words[0], strerror(errno));
    _exit(127);
}

static void collect_words(const struct server_launch *launch, bool free_port,
                          const char *words[static ARGUMENTS_MAX])
{
    int count = 0;

    words[count++] = launch->program != NULL ? launch->program : integration_server();
    if (free_port) {
        words[count++] = "--port=0";
    }
    for (int i = 0; launch->arguments != NULL && launch->arguments[i] != NULL; i++) {
        ck_assert_int_lt(count, ARGUMENTS_MAX - 1);
        words[count++] = launch->arguments[i];
    }
    words[count] = NULL;
    dprintf(log_fd, "---");
    for (int i = 0; i < count; i++) {
        dprintf(log_fd, " %s", words[i]);
    }
    dprintf(log_fd, "\n");
}

static struct server_process *spawn(const struct server_launch *launch, bool free_port)
{
    const char *words[ARGUMENTS_MAX];
    int output[2];
    pid_t parent = getpid();

    ck_assert_int_lt(server_count, SERVERS_MAX);
    struct server_process *server = &servers[server_count++];
    collect_words(launch, free_port, words);
    server->end_signal = SIGTERM;
    server->log_start = log_end();
    ck_assert_int_eq(pipe2(output, O_CLOEXEC), 0);
    server->pid = fork();
    ck_assert_int_ge(server->pid, 0);
    if (server->pid == 0) {
        become_server(launch, words, output[1], parent);
    }
    close(output[1]);
    server->output_fd = output[0];
    return server;
}

struct server_process *server_spawn(const struct server_launch *launch)
{
    return spawn(launch, false);
}

/* One read, bounded in time. Returns the number of bytes; 0 at the end. */
static size_t read_output(const struct server_process *server, char *into, size_t capacity)
{
    struct pollfd output = {.fd = server->output_fd, .events = POLLIN};

    ck_assert_msg(poll(&output, 1, patience_ms()) == 1, "the server neither wrote nor ended");
    ssize_t n = read(server->output_fd, into, capacity);
    ck_assert_int_ge(n, 0);
    return (size_t)n;
}

/* "stageN-name listening on [http://]ADDRESS:PORT[/]", with an IPv6 address in brackets. */
static void understand_announcement(struct server_process *server)
{
    char address[sizeof server->announcement];
    char *host = address;
    char *at = strstr(server->announcement, " listening on ");
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;

    ck_assert_msg(at != NULL && strncmp(server->announcement, integration_stage(), 6) == 0,
                  "not an announcement: '%s'", server->announcement);
    at += strlen(" listening on ");
    snprintf(address, sizeof address, "%s",
             strncmp(at, "http://", 7) == 0 ? at + strlen("http://") : at);
    address[strcspn(address, "/")] = '\0';
    char *port = strrchr(address, ':');
    ck_assert_msg(port != NULL, "no port in '%s'", server->announcement);
    *port++ = '\0';
    if (*host == '[') {
        host++;
        host[strcspn(host, "]")] = '\0';
    }
    ck_assert_msg(getaddrinfo(host, port, &hints, &found) == 0, "no address in '%s'",
                  server->announcement);
    memcpy(&server->address, found->ai_addr, found->ai_addrlen);
    server->address_length = found->ai_addrlen;
    server->port = (unsigned)strtoul(port, NULL, 10);
    freeaddrinfo(found);
}

struct server_process *server_start(const struct server_launch *launch)
{
    struct server_process *server = spawn(launch, true);
    size_t used = 0;
    char *newline;

    do {
        size_t room = sizeof server->announcement - 1 - used;
        size_t n = read_output(server, server->announcement + used, room);
        used += n;
        newline = strchr(server->announcement, '\n');
        ck_assert_msg(n > 0, "the server ended (status %d) before it listened; it wrote: %s",
                      server_wait(server), server_read_log(server));
    } while (newline == NULL);
    *newline = '\0';
    understand_announcement(server);
    return server;
}

char *server_read_output(const struct server_process *server)
{
    size_t used = 0;
    size_t n;
    char *text = NULL;

    do {
        text = realloc(text, used + BUFSIZ + 1);
        ck_assert_ptr_nonnull(text);
        n = read_output(server, text + used, BUFSIZ);
        used += n;
    } while (n > 0);
    text[used] = '\0';
    return text;
}

char *server_read_log(const struct server_process *server)
{
    return read_log_from(server->log_start);
}

size_t server_log_count(const struct server_process *server, const char *text)
{
    char *log = server_read_log(server);
    size_t count = 0;

    for (char *line = strtok(log, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        count += strstr(line, text) != NULL;
    }
    free(log);
    return count;
}

void server_signal(const struct server_process *server, int number)
{
    ck_assert_int_gt(server->pid, 0);
    ck_assert_int_eq(kill(server->pid, number), 0);
}

void server_freeze(const struct server_process *server)
{
    int status;

    server_signal(server, SIGSTOP);
    ck_assert_int_eq(waitpid(server->pid, &status, WUNTRACED), server->pid);
    ck_assert_msg(WIFSTOPPED(status), "the server ended instead of standing still");
}

void server_thaw(const struct server_process *server)
{
    server_signal(server, SIGCONT);
}

int server_wait(struct server_process *server)
{
    int status;

    ck_assert_int_gt(server->pid, 0);
    struct pollfd process = {.fd = (int)syscall(SYS_pidfd_open, server->pid, 0), .events = POLLIN};
    ck_assert_int_ge(process.fd, 0);
    ck_assert_msg(poll(&process, 1, patience_ms()) == 1, "the server did not end in %d ms",
                  patience_ms());
    close(process.fd);
    ck_assert_int_eq(waitpid(server->pid, &status, 0), server->pid);
    server->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void server_expect_exit(struct server_process *server, int status)
{
    static const char *const complaints[] = {"Sanitizer", "runtime error:", "Assertion"};
    int actual = server_wait(server);

    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++) {
        ck_assert_msg(server_log_count(server, complaints[i]) == 0,
                      "the server's standard error says '%s' (shown below)", complaints[i]);
    }
    ck_assert_msg(actual == status, "the server ended with status %d, not %d", actual, status);
}

void server_processes_end(void)
{
    /* A proxy before the server that was there first. */
    for (int i = server_count - 1; i >= 0; i--) {
        if (servers[i].pid > 0) {
            server_signal(&servers[i], servers[i].end_signal);
            server_expect_exit(&servers[i], 0);
        }
        close(servers[i].output_fd);
    }
    ck_assert_int_eq(ftruncate(log_fd, log_mark), 0);
}
