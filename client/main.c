#include "client/app.h"
#include "client/exit_status.h"
#include "client/headless.h"
#include "client/options.h"

#include <signal.h>

static int run(const struct chat__options *options,
               enum chat__options_result result)
{
    switch (result) {
    case CHAT__OPTIONS_DONE:
        return CHAT__EXIT_OK;
    case CHAT__OPTIONS_WRONG:
        return CHAT__EXIT_USAGE;
    case CHAT__OPTIONS_RUN:
        break;
    }
    /* a peer or a pipe that is gone is an error value, not the end */
    signal(SIGPIPE, SIG_IGN);
    return options->headless ? chat__headless_run(options)
                             : chat__app_run(options);
}

int main(int argc, char **argv)
{
    struct chat__options options;
    enum chat__options_result result =
        chat__options_parse(&options, argc, argv);
    int status = run(&options, result);

    chat__options_release(&options);
    return status;
}
