#include "server/ops/log_crash.h"

#include <signal.h>
#include <stddef.h>

static const int faults[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV};

#define FAULT_COUNT (sizeof faults / sizeof *faults)

static struct sigaction before[FAULT_COUNT];
static void (*settle_log)(void);

/* A sanitizer's handler, or the system's, comes after this one. */
static void on_fault(int number)
{
    settle_log();
    for (size_t i = 0; i < FAULT_COUNT; i++)
        if (faults[i] == number)
            sigaction(number, &before[i], NULL);
    raise(number);
}

void chat__log_watch_crashes(void (*settle)(void))
{
    struct sigaction action = {.sa_handler = on_fault};

    settle_log = settle;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        struct sigaction old;

        sigaction(faults[i], &action, &old);
        if (old.sa_handler != on_fault)
            before[i] = old;
    }
}
