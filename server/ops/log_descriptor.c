#include "server/ops/log_descriptor.h"

#include "server/ops/log_writer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_ready(int descriptor, int timeout_ms)
{
    struct pollfd poll_for = {.fd = descriptor, .events = POLLOUT};

    return poll(&poll_for, 1, timeout_ms) > 0;
}

bool chat__log_write_directly(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t piece = length < PIPE_BUF ? length : PIPE_BUF;
        ssize_t written = -1;

        errno = 0;
        if (is_ready(descriptor, CHAT__LOG_END_TIMEOUT_MS))
            written = write(descriptor, bytes, piece);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

bool chat__log_same_place(int a, int b)
{
    struct stat one, other;

    return fstat(a, &one) == 0 && fstat(b, &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}
