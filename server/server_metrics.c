/* What the server says about itself by numbers. */
#include "server/server_private.h"

/* What is not counted where it happens. */
static void collect(struct chat__server *server)
{
    struct chat__core_counts counts = chat__core_counts(server->core);

    chat__metrics_set(&server->metrics, CHAT__METRIC_CONNECTIONS,
                      counts.connections);
}

void chat__server_write_metrics(void *context, struct chat__buffer *body)
{
    struct chat__server *server = context;

    collect(server);
    chat__metrics_print(&server->metrics, body);
}
