#include "static_files.h"

#include "beneath.h"
#include "container_of.h"
#include "http_date.h"
#include "mime.h"
#include "tcp_connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SMALL_FILE = 16 * 1024, /* up to here a copy is cheaper than a second system call */
    PIECE = 256 * 1024,     /* one sendfile takes at most this: nobody hogs a loop */
};

struct static_files {
    int root_fd;
};

/* A file on its way out. */
struct file_source {
    struct http_source source;
    int fd;
    off_t offset;
    uint64_t left;
};

int static_files_create(const char *root, struct static_files **ret_files)
{
    struct static_files *files = malloc(sizeof *files);

    if (files == NULL) {
        return -ENOMEM;
    }
    files->root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (files->root_fd < 0) {
        int error = errno;
        free(files);
        return -error;
    }
    *ret_files = files;
    return 0;
}

void static_files_destroy(struct static_files *files)
{
    if (files != NULL) {
        close(files->root_fd);
        free(files);
    }
}

static int produce(struct http_source *base, struct tcp_connection *connection)
{
    struct file_source *source = container_of(base, struct file_source, source);
    size_t piece = source->left < PIECE ? (size_t)source->left : PIECE;
    ssize_t n = sendfile(tcp_connection_fd(connection), source->fd, &source->offset, piece);

    if (n < 0) {
        return errno == EAGAIN || errno == EINTR ? 1 : -errno;
    }
    if (n == 0) {
        return -EIO; /* the file has become shorter than the length we promised */
    }
    tcp_connection_count_sent(connection, (size_t)n);
    source->left -= (uint64_t)n;
    return source->left > 0 ? 1 : 0;
}

static void release(struct http_source *base)
{
    struct file_source *source = container_of(base, struct file_source, source);

    close(source->fd);
    free(source);
}

/*
 * Reads a small file whole. What was read counts, should the file have changed its length
 * meanwhile.
 */
static void answer_copied(struct http_response *response, int fd, const char *type, size_t size)
{
    char bytes[SMALL_FILE];
    size_t length = 0;
    ssize_t n = 1;

    while (length < size && n > 0) {
        n = read(fd, bytes + length, size - length);
        length += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    if (n < 0) {
        http_response_error(response, 500);
    } else {
        http_response_copy(response, type, bytes, length);
    }
}

static void answer_streamed(struct http_response *response, int fd, const char *type, uint64_t size)
{
    struct file_source *source = malloc(sizeof *source);

    if (source == NULL) {
        close(fd);
        http_response_error(response, 503);
        return;
    }
    *source = (struct file_source){
        .source = {.produce = produce, .release = release},
        .fd = fd,
        .left = size,
    };
    http_response_stream(response, type, &source->source, size);
}

/* Owns fd. */
static void answer_file(struct http_response *response, int fd, const char *path,
                        const struct stat *info)
{
    char date[HTTP_DATE_TEXT];

    if (!S_ISREG(info->st_mode)) {
        close(fd);
        http_response_error(response, 404);
        return;
    }
    if (info->st_size <= SMALL_FILE) {
        answer_copied(response, fd, mime_type(path), (size_t)info->st_size);
    } else {
        answer_streamed(response, fd, mime_type(path), (uint64_t)info->st_size);
    }
    if (response->status == 200) {
        http_date_format(info->st_mtime, date);
        http_response_add_field(response, "Last-Modified", date);
    }
}

static void answer_error(struct http_response *response, int error)
{
    switch (error) {
    case EACCES:
        http_response_error(response, 403);
        break;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
        http_response_error(response, 503); /* our trouble, and it passes */
        break;
    default:
        http_response_error(response, 404); /* among them -EXDEV: what is outside does not exist */
        break;
    }
}

/* So that relative links work, a directory has to be asked for with a slash at the end. */
static void redirect_to_slash(const struct http_request *request, struct http_response *response)
{
    struct http_span path = http_request_text(request, request->target_path);
    struct http_span query = http_request_text(request, request->query);
    struct buffer location = {0};

    int result = buffer_printf(&location, "%.*s/%s%.*s%c", (int)path.length, path.data,
                               query.length > 0 ? "?" : "", (int)query.length, query.data, '\0');
    http_response_error(response, result < 0 ? 503 : 301);
    if (result == 0) {
        http_response_add_field(response, "Location", buffer_data(&location));
    }
    buffer_release(&location);
}

static void answer_directory(const struct static_files *files, const struct http_request *request,
                             struct http_response *response)
{
    struct buffer index = {0};
    struct stat info;
    int fd = -ENOMEM;

    if (request->path.data[request->path.length - 1] != '/') {
        redirect_to_slash(request, response);
        return;
    }
    if (buffer_printf(&index, "%sindex.html%c", request->path.data + 1, '\0') == 0) {
        fd = beneath_open(files->root_fd, buffer_data(&index));
    }
    if (fd < 0) {
        answer_error(response, -fd);
    } else if (fstat(fd, &info) < 0) {
        close(fd);
        http_response_error(response, 500);
    } else {
        answer_file(response, fd, "index.html", &info);
    }
    buffer_release(&index);
}

void static_files_handler(struct http_request *request, struct http_response *response,
                          const struct http_context *context)
{
    const struct static_files *files = context->user;
    const char *path = request->path.data + 1; /* without the slash in front */
    struct stat info;

    /* "//host" in a redirect would lead to another host; no file has an empty name anyway. */
    if (strstr(request->path.data, "//") != NULL) {
        http_response_error(response, 404);
        return;
    }
    int fd = beneath_open(files->root_fd, *path != '\0' ? path : ".");
    if (fd < 0) {
        answer_error(response, -fd);
    } else if (fstat(fd, &info) < 0) {
        close(fd);
        http_response_error(response, 500);
    } else if (S_ISDIR(info.st_mode)) {
        close(fd);
        answer_directory(files, request, response);
    } else {
        answer_file(response, fd, path, &info);
    }
}
