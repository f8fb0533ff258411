#include "client/password.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* Bytes behind the first line that a command may print. */
#define REST_MAX 65536

/* Reads to the end of a line, or of the input; false when it is too long. */
static bool read_line(int descriptor, char *line, size_t size)
{
    size_t length = 0;
    ssize_t got;
    char byte;

    while ((got = read(descriptor, &byte, 1)) != 0) {
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 || length + 1 == size) {
            return false;
        }
        if (byte == '\n') {
            break;
        }
        line[length++] = byte;
    }
    if (length > 0 && line[length - 1] == '\r') {
        length--;
    }
    line[length] = '\0';
    return length > 0 && strlen(line) == length;
}

/* Not left unread: who writes to a pipe that was closed fails. */
static void skip_rest(int descriptor)
{
    char rest[256];
    size_t skipped = 0;
    ssize_t got;

    while (skipped < REST_MAX &&
           ((got = read(descriptor, rest, sizeof(rest))) > 0 ||
            (got < 0 && errno == EINTR))) {
        skipped += got > 0 ? (size_t)got : 0;
    }
    explicit_bzero(rest, sizeof(rest));
}

/* What is no terminal has the lines of --headless, which are not its own. */
static bool leave_input(void)
{
    int nothing;

    if (isatty(STDIN_FILENO)) {
        return true;
    }
    nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0;
}

static pid_t run(const char *command, int output)
{
    pid_t child = fork();

    if (child == 0) {
        signal(SIGPIPE, SIG_DFL); /* for pipes of the command's own */
        if (leave_input() && dup2(output, STDOUT_FILENO) >= 0) {
            execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        }
        _exit(127);
    }
    return child;
}

static bool has_succeeded(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return false;
        }
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool chat__password_from_command(const char *command, char *password,
                                 size_t size)
{
    int ends[2];
    pid_t child;
    bool done;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    child = run(command, ends[1]);
    close(ends[1]);
    done = child > 0 && read_line(ends[0], password, size);
    skip_rest(ends[0]);
    close(ends[0]);
    return child > 0 && has_succeeded(child) && done;
}

static void say(int terminal, const char *text)
{
    ssize_t written = write(terminal, text, strlen(text));

    (void)written; /* who sees no prompt sees no password either */
}

bool chat__password_ask(const char *prompt, char *password, size_t size)
{
    struct termios was, silent;
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    bool done = false;

    if (terminal < 0) {
        return false;
    }
    if (tcgetattr(terminal, &was) == 0) {
        silent = was;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        if (tcsetattr(terminal, TCSAFLUSH, &silent) == 0) {
            say(terminal, prompt);
            done = read_line(terminal, password, size);
            say(terminal, "\n");
            tcsetattr(terminal, TCSAFLUSH, &was);
        }
    }
    close(terminal);
    return done;
}
